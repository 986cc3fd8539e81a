// Comforts on top of pages that are complete without them: copying, counting words, checking redirect URLs.
// Nothing here decides anything; the server checks again, in the words it hands over as data attributes.

// --- Copy -------------------------------------------------------------------------------------------------

/** Copies the text of the element that `data-copy` names, and says so on the button for two seconds. */
function copying(button) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) return;
  const words = button.firstChild;
  const before = words.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      words.textContent = "Copied";
    } catch {
      // The browser refused: select the text, so that one keystroke is left.
      getSelection()?.selectAllChildren(source);
      words.textContent = "Selected";
    }
    setTimeout(() => { words.textContent = before; }, 2000);
  });
}

// --- Words ------------------------------------------------------------------------------------------------

/** Maximal runs of non-space characters that hold a letter or a digit, as the server counts them. */
function countWords(text) {
  return text.split(/\p{White_Space}+/u).filter((run) => /[\p{Alphabetic}\p{N}]/u.test(run)).length;
}

/** Keeps the bar, the number and the verdict beside a textarea up to date. */
function counting(textarea) {
  const box = document.getElementById(textarea.dataset.words);
  const part = (name) => box.querySelector(`[data-part="${name}"]`);
  const min = Number(textarea.dataset.min);
  const max = Number(textarea.dataset.max);
  const update = () => {
    const words = countWords(textarea.value);
    const state = words < min ? "short" : words > max ? "long" : "good";
    const verdict = { short: `${min - words} more to go`, long: `${words - max} too many`, good: "long enough" }[state];
    box.querySelector("progress").value = words;
    part("count").textContent = String(words);
    part("verdict").textContent = verdict;
    // Readers hear only the crossing of a limit, not every word.
    if (box.dataset.state !== state) part("said").textContent = `${words} words, ${verdict}`;
    box.dataset.state = state;
  };
  textarea.addEventListener("input", update);
  update();
}

// --- Redirect URLs ----------------------------------------------------------------------------------------

const NEVER = new Set([
  "javascript", "data", "file", "vbscript", "blob", "about", "view-source", "filesystem", "chrome", "ws", "wss", "ftp",
]);

function isLoopback(host) {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Which of the server's words refuse `raw`, in the server's order; null when none does. */
function redirectFault(raw, maxLength) {
  if ([...raw].length > maxLength) return "tooLong";
  if (/[^\x21-\x7e]|\\/.test(raw)) return "characters";
  if (raw.includes("#")) return "fragment";
  if (raw.includes("*")) return "wildcard";
  if (!URL.canParse(raw)) return "notAbsolute";
  const url = new URL(raw);
  const scheme = url.protocol.slice(0, -1);
  const rest = raw.slice(raw.indexOf(":") + 1);
  const [, authority = "", tail = rest] = /^\/\/([^/?]*)(.*)$/.exec(rest) ?? [];
  if (authority.includes("@")) return "credentials";
  if (scheme === "https" || scheme === "http") {
    if (!authority) return "notAbsolute";
    if (scheme === "http" && !isLoopback(url.hostname)) return "http";
  } else if (NEVER.has(scheme) || !scheme.includes(".")) {
    return "scheme";
  }
  const dots = (segment) => /^(\.|%2e){1,2}$/i.test(segment);
  return tail.split("?")[0].split("/").some(dots) ? "dotSegment" : null;
}

/** Lists below the field what the server would refuse, half a second after the typing stops. */
function checkingRedirects(textarea) {
  const list = document.getElementById(textarea.dataset.redirects);
  const { maxCount, maxLength } = textarea.dataset;
  let timer;
  const update = () => {
    const uris = [...new Set(textarea.value.split(/\p{White_Space}+/u).filter(Boolean))];
    const faults = uris
      .map((uri) => [uri, redirectFault(uri, Number(maxLength))])
      .filter(([, fault]) => fault)
      .map(([uri, fault]) => [uri, ` ${textarea.dataset[fault]}.`]);
    if (uris.length > Number(maxCount)) faults.unshift(["", textarea.dataset.tooMany.replace("{count}", String(uris.length))]);
    list.replaceChildren(...faults.map(([uri, words]) => {
      const item = document.createElement("li");
      if (uri) {
        const code = document.createElement("code");
        code.textContent = uri.slice(0, 80);
        item.append(code);
      }
      item.append(words);
      return item;
    }));
  };
  textarea.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(update, 500);
  });
}

// --- Choices ----------------------------------------------------------------------------------------------

/** Keeps "2 of 5" in a category's summary true while boxes are ticked. */
function countingChoices(group) {
  const chosen = group.querySelector('[data-part="chosen"]');
  if (!chosen) return;
  group.addEventListener("change", () => {
    chosen.textContent = String(group.querySelectorAll("input:checked").length);
  });
}

/** What the server said of a field is old once somebody changes it: the check beside it goes on from there. */
function forgetting(field) {
  field.addEventListener("input", () => {
    field.removeAttribute("aria-invalid");
    document.getElementById(`${field.id}-error`)?.remove();
  }, { once: true });
}

document.querySelectorAll("textarea[data-words][aria-invalid], textarea[data-redirects][aria-invalid]").forEach(forgetting);
document.querySelectorAll("button[data-copy]").forEach(copying);
document.querySelectorAll("textarea[data-words]").forEach(counting);
document.querySelectorAll("textarea[data-redirects]").forEach(checkingRedirects);
document.querySelectorAll(".choices details").forEach(countingChoices);
