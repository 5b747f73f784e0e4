const fs = require("fs");

// ruleid: js-world-writable-file
fs.chmodSync("/srv/app/run.sh", 0o777);

async function share(path) {
  // ruleid: js-world-writable-file
  await fs.promises.chmod(path, 0o666);
}

function folder(path) {
  // ruleid: js-world-writable-file
  fs.mkdirSync(path, { recursive: true, mode: 0o777 });
}

function text(path) {
  // ruleid: js-world-writable-file
  fs.chmod(path, "0777", () => {});
}

// ok: js-world-writable-file
fs.chmodSync("/srv/app/run.sh", 0o755);

function folderSafe(path) {
  // ok: js-world-writable-file
  fs.mkdirSync(path, { recursive: true, mode: 0o750 });
}

function keepSafe(path, stat) {
  // ok: js-world-writable-file
  fs.chmodSync(path, stat.mode);
}
