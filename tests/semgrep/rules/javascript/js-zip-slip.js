const fs = require("fs");
const path = require("path");
const unzipper = require("unzipper");

function unpack(file, target) {
  fs.createReadStream(file)
    .pipe(unzipper.Parse())
    .on("entry", (entry) => {
      const full = path.join(target, entry.path);
      // ruleid: js-zip-slip
      entry.pipe(fs.createWriteStream(full));
    });
}

function admZip(zip, target) {
  for (const zipEntry of zip.getEntries()) {
    // ruleid: js-zip-slip
    fs.writeFileSync(`${target}/${zipEntry.entryName}`, zipEntry.getData());
  }
}

function tarStream(extract, target) {
  extract.on("entry", (header, stream, next) => {
    // ruleid: js-zip-slip
    stream.pipe(fs.createWriteStream(path.join(target, header.name)));
    stream.on("end", next);
  });
}

function unpackSafe(file, target) {
  fs.createReadStream(file)
    .pipe(unzipper.Parse())
    .on("entry", (entry) => {
      const full = path.resolve(target, entry.path);
      if (!full.startsWith(target + path.sep)) return entry.autodrain();
      // ok: js-zip-slip
      return entry.pipe(fs.createWriteStream(full));
    });
}

function flatSafe(zip, target) {
  for (const zipEntry of zip.getEntries()) {
    // ok: js-zip-slip
    fs.writeFileSync(path.join(target, path.basename(zipEntry.entryName)), zipEntry.getData());
  }
}

function numberedSafe(zip, target) {
  zip.getEntries().forEach((zipEntry, i) => {
    // ok: js-zip-slip
    fs.writeFileSync(path.join(target, `${i}.bin`), zipEntry.getData());
  });
}
