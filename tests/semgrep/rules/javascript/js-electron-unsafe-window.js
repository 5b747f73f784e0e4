const { BrowserWindow } = require("electron");
const electron = require("electron");

function main() {
  // ruleid: js-electron-unsafe-window
  return new BrowserWindow({ width: 800, webPreferences: { nodeIntegration: true } });
}

function open(url) {
  // ruleid: js-electron-unsafe-window
  const window = new BrowserWindow({ webPreferences: { webSecurity: false, preload } });
  window.loadURL(url);
}

function tool() {
  // ruleid: js-electron-unsafe-window
  return new electron.BrowserWindow({ webPreferences: { sandbox: false, nodeIntegration: true } });
}

function mainSafe() {
  // ok: js-electron-unsafe-window
  return new BrowserWindow({ webPreferences: { nodeIntegration: false, contextIsolation: true } });
}

function preloadSafe() {
  // ok: js-electron-unsafe-window
  return new BrowserWindow({ webPreferences: { preload, sandbox: true } });
}

function settingsSafe() {
  // ok: js-electron-unsafe-window
  return new Settings({ webPreferences: { nodeIntegration: true } });
}
