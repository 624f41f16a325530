--- The frame of the API reference as HTML: head, colours, search. It needs no other file and no network, is
--- whole without JavaScript, and is light or dark as the reader's machine is.
local STYLE <const> = [[
:root { color-scheme: light dark; --ink: #1c2128; --soft: #59636e; --page: #fff; --side: #f6f7f9; --line: #d8dde3;
  --link: #0b57a4; --code: #f3f5f7; --word: #8a2f6b; --text: #276a2e; --note: #6a737d; --mark: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #dfe4ea; --soft: #9aa5b1; --page: #14171c; --side: #1a1e24; --line: #30363f;
    --link: #7db8f5; --code: #1d2229; --word: #e39ac6; --text: #93cf98; --note: #8b96a2; --mark: #7db8f5; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--page); font: 16px/1.55 system-ui, "DejaVu Sans", sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
code, pre, .call { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
code { font-size: .88em; background: var(--code); padding: .1em .3em; border-radius: 3px; }
pre { font-size: 13px; line-height: 1.5; background: var(--code); border: 1px solid var(--line); border-radius: 5px;
  padding: .7rem .9rem; overflow-x: auto; margin: .8rem 0; }
pre b { font-weight: inherit; color: var(--word); } pre i { color: var(--note); } pre s { color: var(--text);
  text-decoration: none; }
nav { background: var(--side); border-right: 1px solid var(--line); padding: 1rem; font-size: 14px; }
nav input { width: 100%; font: inherit; padding: .4rem .6rem; margin-bottom: .8rem; border: 1px solid var(--line);
  border-radius: 5px; background: var(--page); color: inherit; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav ul ul { padding-left: .9rem; }
nav summary { cursor: pointer; font-weight: 600; padding: .15rem 0; }
nav li { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; line-height: 1.7; }
nav li li a { color: var(--soft); font-size: 13px; }
nav li > ul { display: none; }
nav .searched li > ul { display: block; }
main { padding: 1.2rem 2rem 6rem; max-width: 60rem; }
h1 { font-size: 1.9rem; margin: .4rem 0; }
h2 { font-size: 1.5rem; margin: 3.5rem 0 0; padding-bottom: .3rem; border-bottom: 2px solid var(--line); }
h3 { font-size: 1.2rem; margin: 2.6rem 0 .4rem; }
h3 small { font-weight: normal; color: var(--soft); margin-left: .6rem; font-size: .8em; }
h2 a, h3 a, h4 a { color: inherit; }
h4 { margin: 1.5rem 0 .3rem; padding: .35rem .6rem; font-size: 14px; background: var(--code);
  border-left: 3px solid var(--mark); border-radius: 0 4px 4px 0; overflow-wrap: anywhere; }
.item { padding-left: .75rem; }
h4:target, h3:target { outline: 2px solid var(--mark); outline-offset: 2px; }
p { margin: .5rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; font-size: 15px; }
dt { color: var(--soft); } dd { margin: 0; }
.soft { color: var(--soft); }
#none { display: none; }
@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; }
}
@media (max-width: 59.99rem) { nav { border-right: 0; border-bottom: 1px solid var(--line);
    max-height: 45vh; overflow-y: auto; }
  main { padding: 1rem 1rem 4rem; } }
@media print { nav { display: none; } }
]]

-- Each entry of the index has the words it is found by in data-w. A chapter or section without a hit goes.
local SEARCH <const> = [[
const box = document.querySelector("nav input"), list = document.getElementById("index");
box.hidden = false;
function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  list.classList.toggle("searched", words.length > 0);
  const fits = e => words.every(w => e.dataset.w.includes(w));
  let any = false;
  for (const chapter of list.children) {
    let shown = false;
    for (const section of chapter.querySelectorAll("details > ul > li")) {
      let inside = false;
      for (const item of section.querySelectorAll("li")) {
        item.hidden = !fits(item);
        inside = inside || !item.hidden;
      }
      section.hidden = !(inside || fits(section));
      shown = shown || !section.hidden;
    }
    chapter.hidden = !shown;
    if (words.length) chapter.open = shown;
    any = any || shown;
  }
  document.getElementById("none").style.display = any ? "none" : "block";
}
box.addEventListener("input", search);
document.addEventListener("keydown", e => {
  if (e.key === "/" && document.activeElement !== box) { e.preventDefault(); box.focus(); box.select(); }
  if (e.key === "Enter" && document.activeElement === box) {
    const hit = list.querySelector("details:not([hidden]) li:not([hidden]) li:not([hidden]) a, " +
      "details:not([hidden]) li:not([hidden]) a");
    if (hit) hit.click();
  }
});
search();
]]

local FRAME <const> = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>LUNQ API reference</title>
<style>
{STYLE}</style>
</head>
<body>
<nav aria-label="Index">
<input type="search" placeholder="Search (/)" aria-label="Search" hidden>
<div id="index">
{INDEX}</div>
<p id="none" class="soft">Nothing has all of these words.</p>
</nav>
<main>
<h1>LUNQ API reference</h1>
<p class="soft">LUNQ {VERSION}, made of the comments of the sources by <code>lunq reference --html</code>. At the prompt
<code>help(x)</code> says the same.</p>
{BODY}</main>
<script>
{SEARCH}</script>
</body>
</html>
]]

--- The page around an index and a body, both HTML.
---@param index string
---@param body string
---@return string
return function(index, body)
  local parts = { STYLE = STYLE, SEARCH = SEARCH, INDEX = index, BODY = body, VERSION = require "lunq".version }
  return (FRAME:gsub("{(%u+)}", parts))
end
