// The pages work without this script. With it, the file is looked at before
// it is sent, and the status page changes by itself. Nothing is read into any
// other place than this page, and nothing about the file is sent anywhere.
(function () {
  "use strict";

  var first = document.querySelector("[data-focus]");
  if (first) { first.focus(); }

  var form = document.getElementById("upload");
  if (form) { watchUpload(form); }
  var status = document.getElementById("status");
  if (status) { watchStatus(status); }

  // --- the upload page ---

  function watchUpload(form) {
    var input = document.getElementById("file");
    var send = document.getElementById("send");
    var note = document.getElementById("file-note");
    var problem = null, insisted = false, look = 0, shownAt = performance.now();

    function choose() {
      var file = input.files && input.files[0];
      var turn = ++look;
      problem = null;
      insisted = false;
      send.textContent = send.dataset.send;
      send.disabled = expired();
      note.textContent = "";
      if (!file) { return; }
      inspect(file, form.dataset.keyId, Number(form.dataset.max)).then(function (found) {
        if (turn !== look) { return; }
        problem = found;
        send.disabled = expired() || Boolean(problem && problem.stop);
        show(problem, file);
      });
    }

    function show(found, file) {
      if (found) { box("note warn", "Please check this file", found.text); return; }
      box("note ok", "This looks like the right kind of file", file.name + ", " + file.size + " bytes. Apple has the last word.");
    }

    function box(look, heading, words) {
      var div = document.createElement("div");
      var title = document.createElement("h2");
      var text = document.createElement("p");
      div.className = look;
      title.textContent = heading;
      text.textContent = words;
      div.tabIndex = -1;
      div.append(title, text);
      note.append(div);
    }

    function expired() { return Date.now() >= Number(form.dataset.expires); }

    function timeOut() {
      if (!expired()) { setTimeout(timeOut, Math.min(60000, Number(form.dataset.expires) - Date.now() + 200)); return; }
      send.disabled = true;
      document.getElementById("expiry").hidden = true;
      document.getElementById("timed-out").hidden = false;
    }

    var until = document.querySelector("#expiry time");
    until.textContent = new Date(Number(form.dataset.expires)).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

    form.addEventListener("submit", function (event) {
      if (expired()) { event.preventDefault(); timeOut(); return; }
      if (problem && !insisted) {
        event.preventDefault();
        insisted = true;
        send.textContent = send.dataset.anyway;
        note.firstChild.focus();
        return;
      }
      send.textContent = send.dataset.busy;
      if (!window.fetch || !window.FormData) { setTimeout(function () { send.disabled = true; }, 0); return; }
      event.preventDefault();
      transmit();
    });

    // transmit sends the form in the background, so that a connection that
    // breaks leaves the person on this page. The store's answer cannot be read
    // from here: the status page says what became of the file.
    function transmit() {
      var sent = Number(form.dataset.now) + Math.round(performance.now() - shownAt) - 1000; // our clocks differ a little
      send.disabled = true;
      fetch(form.action, { method: "POST", body: new FormData(form), mode: "no-cors", credentials: "omit", redirect: "follow" })
        .then(function () {
          location.assign(form.dataset.status + "&sent=" + sent);
        }, function () {
          send.disabled = expired();
          send.textContent = send.dataset.send;
          note.textContent = "";
          box("note bad", "The file was not sent", "The connection broke off. Nothing is lost: check your connection, then press the button again.");
          note.firstChild.focus();
        });
    }
    // Coming back to the page, also by the Back button from an error of the store.
    window.addEventListener("pageshow", function () { choose(); timeOut(); });
    input.addEventListener("change", choose);
  }

  // inspect says what is wrong with a file, or null. It knows the usual
  // mix-ups only; the server has the last word.
  function inspect(file, keyID, max) {
    var byName = nameProblem(file.name, keyID);
    if (file.size === 0) { return Promise.resolve({ stop: true, text: "This file is empty. The download may have failed." }); }
    if (file.size > max) { return Promise.resolve({ stop: true, text: "This file is far too large for an API key, which has about 250 characters." }); }
    return file.slice(0, 4096).arrayBuffer().then(function (buffer) {
      return contentProblem(new Uint8Array(buffer)) || byName;
    }, function () { return { text: "Your browser could not read this file. Is it still there?" }; });
  }

  function nameProblem(name, keyID) {
    var id = /(?:AuthKey|ApiKey)[_ -]([A-Z0-9]{10})(?![A-Z0-9])/i.exec(name);
    if (/SubscriptionKey[_ -]/i.test(name)) {
      return { text: "This is an In-App Purchase key: its name begins with SubscriptionKey_. It does not work here. We need a key made under App Store Connect API, in a file named AuthKey_" + keyID + ".p8." };
    }
    if (id && id[1].toUpperCase() !== keyID) {
      return { text: "The name of this file carries the key ID " + id[1].toUpperCase() + ", and you entered " + keyID + ". Choose the other file, or correct the key ID." };
    }
    if (!/\.p8\b/i.test(name)) { return { text: "The name of an API key file ends in .p8. This one does not." }; }
    return null;
  }

  var headers = [
    [/-----BEGIN CERTIFICATE REQUEST|-----BEGIN NEW CERTIFICATE REQUEST/, "This is a certificate signing request, not an API key."],
    [/-----BEGIN CERTIFICATE/, "This is a certificate, not an API key."],
    [/-----BEGIN (RSA )?PUBLIC KEY/, "This is a public key. We need the private key, the file as Apple gave it to you."],
    [/-----BEGIN RSA PRIVATE KEY/, "This is an RSA key. Apple’s API keys are of another kind, so it belongs to something else: please keep it to yourself."],
    [/-----BEGIN EC PRIVATE KEY/, "This key was made or converted by another program: Apple’s files begin with BEGIN PRIVATE KEY. Please use the original file."],
    [/-----BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/, "This key is locked with a passphrase. Apple’s own file has none."],
    [/-----BEGIN OPENSSH PRIVATE KEY|PuTTY-User-Key-File/, "This is an SSH key, not an API key. Please keep it to yourself."],
    [/^\s*\{\\rtf/, "A text editor has saved this file in its own format (RTF). Please use the original file."],
    [/^\s*<(!doctype|html|\?xml)/i, "This is a web page or a settings file, not an API key."],
    [/^\s*\{/, "This is a JSON file, not the key file itself."],
    [/^%PDF-/, "This is a PDF document, not an API key."],
    [/^PK\x03\x04/, "This is a .zip archive. If the key is in it, please unpack it first."]
  ];

  function contentProblem(bytes) {
    var text = latin(bytes);
    for (var i = 0; i < headers.length; i++) {
      if (headers[i][0].test(text)) { return { text: headers[i][1] }; }
    }
    if (/-----BEGIN PRIVATE KEY-----/.test(text)) {
      if (!/-----END PRIVATE KEY-----/.test(text)) { return { text: "This key is cut off: its last line is missing." }; }
      // P-256 has the object identifier 1.2.840.10045.3.1.7; RSA keys are ten times as long.
      return text.length > 1000 ? { text: "This private key is too long for one of Apple’s. It may be an RSA key." } : null;
    }
    if (bytes[0] === 0x30 && bytes[1] >= 0x80) { return { text: "This is a binary file, such as a certificate (.cer, .p12). An API key is a text file." }; }
    return { text: "We do not see a key in this file. Please use the file as Apple gave it to you." };
  }

  // latin makes text of the bytes; UTF-16 loses its zeros.
  function latin(bytes) {
    var out = "";
    for (var i = 0; i < bytes.length; i++) {
      if (bytes[i] !== 0) { out += String.fromCharCode(bytes[i]); }
    }
    return out.replace(/^(\u00ff\u00fe|\u00fe\u00ff|\u00ef\u00bb\u00bf)/, "");
  }

  // --- the status page ---

  function watchStatus(box) {
    var live = document.getElementById("status-live");
    var turned = "keyward-status-changed";
    try {
      if (sessionStorage.getItem(turned)) {
        sessionStorage.removeItem(turned);
        document.getElementById("status-title").focus();
      }
    } catch (e) { /* no storage: the title is simply not focused */ }
    if (box.dataset.final === "true" || !window.fetch) { return; }

    var wait = 1500, tries = 0;
    function later() { setTimeout(ask, wait); wait = Math.min(wait * 1.3, 30000); }
    function ask() {
      if (document.hidden) { later(); return; }
      fetch(box.dataset.url + location.search, { credentials: "same-origin", cache: "no-store" })
        .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status))); })
        .then(function (now) {
          tries++;
          if (now.version !== box.dataset.version) {
            try { sessionStorage.setItem(turned, "1"); } catch (e) { /* see above */ }
            location.reload();
            return;
          }
          if (tries === 20 && now.phase === "looking") {
            live.textContent = "This takes longer than usual. You can close this page: we’ll e-mail you when the key is accepted, or if it is not.";
          }
          later();
        })
        .catch(function (error) {
          if (error.message === "404") { location.reload(); return; }
          later();
        });
    }
    document.addEventListener("visibilitychange", function () { if (!document.hidden) { wait = 1500; } });
    later();
  }
})();
