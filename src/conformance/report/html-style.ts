/**
 * The look of the HTML report. Colours stand once, for light and dark; every pair of text and background that is used has a
 * contrast of 4.5 or more (a test measures them in a browser).
 */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:#fff;--box:#f6f8fa;--text:#1f2328;--soft:#59636e;--line:#d1d9e0;--edge:#818b98;
--link:#0550ae;--good:#116329;--good-back:#dafbe1;--warn:#7d4e00;--warn-back:#fff3c4;--bad:#a40e26;--bad-back:#ffebe9;
--quiet:#424a53;--quiet-back:#e8ecf0;--press:#eaeef2;--good-bar:#4ac26b;--warn-bar:#d4a72c;--bad-bar:#cf222e;--quiet-bar:#c3cbd3}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--box:#151b23;--text:#e6edf3;--soft:#9ba4ae;--line:#30363d;
--edge:#6e7681;--link:#79b8ff;--good:#7ee787;--good-back:#12321c;--warn:#f2cc60;--warn-back:#3a2d0a;--bad:#ffa198;
--bad-back:#48161b;--quiet:#c9d1d9;--quiet-back:#262c36;--press:#2a313c;--good-bar:#2ea043;--warn-bar:#bb8009;
--bad-bar:#f85149;--quiet-bar:#484f58}}
*{box-sizing:border-box}
[hidden]{display:none!important}
html{scroll-padding-top:3.5rem}
body{margin:0 auto;max-width:92rem;padding:1.25rem 1.5rem 3rem;background:var(--page);color:var(--text);
font:.9375rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1,h2,h3,p,dl,dd,ul,ol,pre{margin:0;padding:0}
h1{font-size:1.375rem;line-height:1.25;font-weight:600}
ul,ol{list-style:none}
.soft{color:var(--soft)}
code,pre,.id{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;padding:.5rem 1rem;background:var(--page);color:var(--link);z-index:3}
header p,.help{color:var(--soft)}
.whole{white-space:nowrap}
.targets{display:grid;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));gap:.75rem;margin-top:1rem}
.targets li{padding:.625rem .875rem .75rem;border:1px solid var(--line);border-radius:.375rem}
.targets .short{display:none}
.targets .name{color:var(--text);display:flex;gap:.5rem;align-items:baseline;font-weight:600}
.targets .name b{min-width:1.25rem;padding:0 .3rem;border-radius:.25rem;background:var(--quiet-back);color:var(--quiet);
font-size:.8125rem;text-align:center}
.targets svg{display:block;width:100%;height:.375rem;margin:.375rem 0 .3125rem;border-radius:.1875rem;background:var(--quiet-back)}
.bar-good{fill:var(--good-bar)}.bar-warn{fill:var(--warn-bar)}.bar-known{fill:var(--edge)}.bar-bad{fill:var(--bad-bar)}.bar-quiet{fill:var(--quiet-bar)}
.targets p{font-size:.8125rem}
.targets .name{font-size:.9375rem}
.filters{display:flex;flex-wrap:wrap;gap:.5rem .75rem;align-items:center;margin:1.25rem 0 .25rem}
input[type=search],select{font:inherit;min-height:2rem;padding:.125rem .5rem;color:var(--text);background:var(--page);
border:1px solid var(--edge);border-radius:.25rem}
input[type=search]{width:16rem;max-width:100%}
::placeholder{color:var(--soft);opacity:1}
button{font:inherit;color:inherit;cursor:pointer}
.chips{display:flex;flex-wrap:wrap;gap:.375rem;margin:.5rem 0 .75rem;align-items:center}
.chips button,.plain{min-height:1.875rem;padding:.0625rem .625rem;border:1px solid var(--edge);border-radius:1rem;background:var(--page);
font-size:.8125rem;font-weight:600}
.plain{border-radius:.25rem}
.chips button:hover,.plain:hover{background:var(--press)}
.chips button[aria-pressed=true]{background:var(--text);border-color:var(--text);color:var(--page)}
.chips .count{font-weight:400;font-variant-numeric:tabular-nums}
.shown{display:flex;gap:.75rem;align-items:center;margin-left:auto;color:var(--soft);font-size:.8125rem}
.shown .plain{color:var(--text)}
table{width:100%;border-spacing:0;table-layout:fixed}
th,td{padding:.3125rem .5rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400}
thead th{position:sticky;top:0;z-index:2;padding:.375rem .5rem;background:var(--page);font-size:.8125rem;color:var(--soft);
vertical-align:bottom;border-bottom-color:var(--edge)}
thead th b{color:var(--text)}
th:nth-child(1){width:auto}
.level{width:4.5rem;color:var(--soft);font-size:.8125rem;padding-top:.4375rem}
.cell{width:8.5rem}
thead .cell{padding-left:1.0625rem}
.topic th{padding:.875rem .5rem .3125rem 0;border-bottom-color:var(--edge)}
.topic button{display:inline-flex;gap:.5rem;align-items:baseline;padding:.125rem .375rem;border:0;border-radius:.25rem;background:none;
font-weight:600;font-size:1rem}
.topic button:hover{background:var(--press)}
.topic button::before{content:"▸";font-size:.75rem;color:var(--soft);width:.75rem;transition:transform .1s}
.topic button[aria-expanded=true]::before{transform:rotate(90deg)}
.topic .tally{margin-left:.5rem;font-size:.8125rem;color:var(--soft)}
.topic .tally .bad{color:var(--bad);font-weight:600}
.case .id{display:block;font-weight:600}
.case .requirement{display:block;color:var(--soft);font-size:.8125rem;line-height:1.4}
tr.case:hover>*{background:var(--box)}
.v{display:flex;gap:.375rem;align-items:center;width:100%;min-height:1.75rem;padding:.0625rem .5rem;border:1px solid transparent;
border-radius:.25rem;background:none;font-size:.8125rem;text-align:left;white-space:nowrap}
.v i{font-style:normal;font-weight:700;width:1rem;text-align:center}
.v:hover{border-color:currentColor}
.v[aria-expanded=true]{border-color:currentColor}
.pass{color:var(--good)}
.skipped,.absent{color:var(--soft)}
.non-strict{color:var(--warn);background:var(--warn-back)}
.fail,.error,.wrong-code,.unclean,.unimplemented{color:var(--bad);background:var(--bad-back);font-weight:600}
.v.known{color:var(--quiet);background:var(--quiet-back);font-weight:400;border:1px dashed var(--edge)}
.absent{padding:.1875rem .5rem}
.detail>td{padding:.25rem 0 1.25rem;border-bottom-color:var(--edge)}
.detail>td>div{padding:.75rem 1rem 1rem;border:1px solid var(--line);border-left:4px solid var(--edge);border-radius:.375rem;background:var(--box)}
.detail .head{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center;margin-bottom:.5rem;font-weight:600}
.detail .head .close{margin-left:auto}
.detail .head>:nth-child(2){flex:1}
.detail .tag{padding:.0625rem .5rem;border-radius:.25rem;font-size:.8125rem}
.tag.pass{background:var(--good-back)}
.tag.skipped{color:var(--quiet);background:var(--quiet-back)}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.1875rem 1rem}
dt{color:var(--soft)}
dl.wide dt{grid-column:1/-1}
.bytes{margin-top:.75rem}
.bytes p{color:var(--soft);font-size:.8125rem}
pre{max-height:24rem;overflow:auto;margin-top:.25rem;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.25rem;
background:var(--page);white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.45}
.none{padding:2rem 0;color:var(--soft)}
.live .dead{display:none}
.help{margin-top:1.5rem;color:var(--soft);font-size:.8125rem}
kbd{padding:0 .3rem;border:1px solid var(--edge);border-radius:.1875rem;font:inherit;font-size:.75rem}
@media (max-width:74.9375rem){
.many .cell{width:3.25rem}
.many .v{justify-content:center;padding:.0625rem}
.many .v span{display:none}
.many thead .cell span{display:none}
.many thead .cell{text-align:center;padding-left:.5rem}
}
@media (max-width:47.9375rem){
body{padding:1rem .75rem 3rem;font-size:1rem}
.targets{grid-template-columns:minmax(0,1fr)}
.many .targets{gap:.375rem}
.many .targets li{padding:.375rem .75rem .4375rem}
.many .targets .about,.many .targets .tallies{display:none}
.many .targets .short{display:block}
.filters label,.filters input,.filters select{flex:1 1 8rem}
.filters input[type=search]{flex-basis:100%;width:100%}
input[type=search],select,.chips button,.plain,.topic button{min-height:2.5rem}
.filters label.tick{display:flex;gap:.5rem;align-items:center;flex:1 1 100%;min-height:2.5rem}
.filters .tick input{flex:none;width:1.25rem;height:1.25rem;margin:0}
.shown{margin-left:0;width:100%;justify-content:space-between}
thead{position:absolute;left:-99rem}
table,tbody{display:block}
tr{display:block}
tr.case{display:flex;flex-wrap:wrap;gap:.25rem .5rem;align-items:center;padding:.5rem 0;border-bottom:1px solid var(--line)}
tr.case>*{padding:0;border:0}
tr.case th{flex:1 1 100%;width:100%}
.level{width:auto;min-width:3rem}
.cell{width:auto;min-width:2.5rem}
.many .cell{width:auto;flex:0 0 2.75rem}
.v{min-height:2.5rem;min-width:2.5rem}
.many .level{flex:1 1 100%}
.many tr.case{counter-reset:target}
.many .cell{counter-increment:target}
.many .v::before{content:counter(target);color:var(--soft);font-size:.6875rem;font-weight:400}
.topic th,.detail>td{display:block;width:100%}
.topic button{min-height:2.5rem;align-items:center}
dl{grid-template-columns:minmax(0,1fr)}
dd+dt{margin-top:.25rem}
.detail>td>div{padding:.625rem .75rem .75rem}
.detail .close{min-height:2.5rem;min-width:2.5rem}
.detail .head>:nth-child(2){order:1;flex:1 1 100%}
}
@media print{
.filters,.chips,.help,.skip{display:none}
body{max-width:none;padding:0;font-size:.75rem}
thead th{position:static}
tr{break-inside:avoid}
pre{max-height:none}
}
`;
