import { createHash } from 'node:crypto';

/**
 * The look of the page. Colours stand once, as variables, for light and dark; every pair of text and background that is
 * used has a contrast of 4.5 or more (a test measures them in a browser).
 */
export const STYLE = `
:root{color-scheme:light dark;--page:#fff;--box:#f6f8fa;--text:#1f2328;--soft:#59636e;--line:#d1d9e0;--edge:#818b98;
--link:#0550ae;--good:#116329;--good-back:#dafbe1;--warn:#7d4e00;--warn-back:#fff3c4;--bad:#a40e26;--bad-back:#ffebe9;
--quiet:#424a53;--quiet-back:#e8ecf0;--press:#eaeef2}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--box:#151b23;--text:#e6edf3;--soft:#9ba4ae;--line:#30363d;
--edge:#6e7681;--link:#79b8ff;--good:#7ee787;--good-back:#12321c;--warn:#f2cc60;--warn-back:#3a2d0a;--bad:#ffa198;
--bad-back:#48161b;--quiet:#c9d1d9;--quiet-back:#262c36;--press:#2a313c}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:74rem;padding:1.25rem 1.5rem 3rem;background:var(--page);color:var(--text);
font:.9375rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1,h2,h3,h4,p,dl,dd,ul{margin:0;padding:0}
h1{font-size:1.375rem;line-height:1.25;font-weight:600}
h2{font-size:1.125rem;font-weight:600}
h3{font-size:1rem;font-weight:600}
h4{font-size:1rem;font-weight:600}
ul{list-style:none}
a{color:var(--link);text-underline-offset:.15em}
a,button,input,summary{border-radius:.25rem}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;padding:.5rem 1rem;background:var(--page);z-index:1}
.soft{color:var(--soft)}
.small{font-size:.8125rem}
.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em}
.bad{color:var(--bad)}
header.top{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.5rem 2rem;padding-bottom:1rem;
border-bottom:1px solid var(--line)}
.links{display:flex;flex-wrap:wrap;gap:.125rem 1.75rem;align-items:center}
.links ul{display:flex;flex-wrap:wrap;gap:0 1rem;align-items:center}
.links [aria-current]{color:var(--text);font-weight:600;text-decoration:none}
.notice{position:sticky;top:.5rem;z-index:1;display:flex;gap:1rem;align-items:center;justify-content:space-between;margin:1rem 0 0;
padding:.5rem 1rem;border:1px solid;border-radius:.375rem}
.notice a{color:inherit}
.notice.done{color:var(--good);background:var(--good-back)}
.notice.refused{color:var(--bad);background:var(--bad-back)}
main>section{margin-top:1.5rem}
.tallies{display:grid;grid-template-columns:max-content 1fr;gap:.375rem 1.25rem;align-items:center;margin-top:.5rem}
.tallies dt{color:var(--soft)}
.tallies dd{display:flex;flex-wrap:wrap;gap:.375rem .5rem;align-items:center}
.tallies .total{min-width:3.5rem;font-weight:600;font-variant-numeric:tabular-nums}
.tag{display:inline-flex;align-items:center;gap:.4em;padding:.0625rem .5rem;border-radius:.25rem;font-size:.875rem;
font-weight:600;white-space:nowrap;color:var(--quiet);background:var(--quiet-back);text-decoration:none}
a.tag:hover{text-decoration:underline}
.tag.none{color:var(--soft);background:none;font-weight:400}
.tag.active,.tag.ENABLED{color:var(--good);background:var(--good-back)}
.tag.error{color:var(--bad);background:var(--bad-back)}
.error .tag.ENABLED{color:var(--quiet);background:var(--quiet-back)}
.tag.DISABLED{color:var(--warn);background:var(--warn-back)}
.tag b{font:700 .75rem/1.25rem ui-monospace,Menlo,Consolas,monospace}
.trouble{margin-top:1rem;padding:.75rem 1rem;border:1px solid var(--line);border-left:4px solid var(--bad);
border-radius:.375rem}
.trouble li{display:flex;flex-wrap:wrap;gap:0 .75rem;align-items:baseline;margin-top:.25rem}
.bar{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end;justify-content:space-between;margin-bottom:.5rem}
.filter{display:flex;gap:.5rem;align-items:center;flex-wrap:wrap}
.filter label{color:var(--soft)}
input[type=search]{font:inherit;width:18rem;max-width:100%;padding:.25rem .5rem;color:var(--text);
background:var(--page);border:1px solid var(--edge)}
::placeholder{color:var(--soft);opacity:1}
button,.button{display:inline-flex;align-items:center;justify-content:center;font:600 .8125rem/1.25rem system-ui,sans-serif;
min-height:1.75rem;padding:.125rem .75rem;color:var(--text);background:var(--page);border:1px solid var(--edge);
border-radius:.25rem;text-decoration:none;cursor:pointer;white-space:nowrap}
button:hover,.button:hover{background:var(--press)}
button.strong{color:var(--page);background:var(--bad);border-color:var(--bad)}
.acts{display:flex;flex-wrap:wrap;gap:.5rem;justify-content:flex-end}
.contexts button{width:5.25rem}
.domain{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:baseline;margin:1.5rem 0 .5rem}
.domain .acts{margin-left:auto}
.node{scroll-margin-top:4.5rem;border:1px solid var(--line);border-radius:.375rem;margin-bottom:.75rem;break-inside:avoid}
.node>header{padding:.75rem 1rem;background:var(--box);border-radius:.375rem}
.node.error{border-left:4px solid var(--bad)}
.name{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center}
.name .acts{margin-left:auto}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(6.5rem,1fr));gap:.25rem 1rem;margin:.5rem 0 .375rem}
.facts .wide{grid-column:span 2}
.facts dt{color:var(--soft);font-size:.8125rem}
.facts dd{font-variant-numeric:tabular-nums}
table{width:100%;border-collapse:collapse;table-layout:fixed}
th,td{padding:.3125rem 1rem;text-align:left;vertical-align:middle;border-top:1px solid var(--line)}
th{font-weight:600}
thead th{font-size:.8125rem;font-weight:400;color:var(--soft);border-top-color:transparent;padding-top:.5rem}
tbody th[colspan]{font-size:.8125rem;font-weight:400;color:var(--soft)}
.number{text-align:right;font-variant-numeric:tabular-nums}
.contexts th:nth-child(2),.contexts td:nth-child(2){width:8.5rem}
.contexts th:nth-child(3),.contexts td:nth-child(3){width:7rem}
.contexts th:nth-child(4),.contexts td:nth-child(4){width:14rem}
.rest{padding:.5rem 1rem;border-top:1px solid var(--line)}
.pages{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin-top:1rem}
.balancers{margin-top:.5rem;border:1px solid var(--line);border-radius:.375rem}
.ask{max-width:44rem;margin-top:2rem}
.ask li{margin:.5rem 0 0 1.25rem;list-style:disc}
.ask .acts{justify-content:flex-start;margin-top:1.25rem}
@media (max-width:47.9375rem){
.notice{padding:.25rem .75rem;font-size:.9375rem;line-height:1.375}
.notice p{max-height:5.5rem;overflow:auto}
body{padding:1rem 1rem 3rem;font-size:1rem}
button,.button,a,a.tag,input[type=search]{min-height:2.75rem}
a,a.tag{display:inline-flex;align-items:center;min-width:2.75rem}
.skip{position:absolute}
button,.button{padding:.125rem .75rem;font-size:.9375rem}
.links{gap:0 1.5rem}
.tag.none{display:none}
.tallies{align-items:baseline}
.tallies .total{min-width:2.5rem}
.filter{width:100%}
input[type=search]{flex:1;width:auto;min-width:9rem}
.acts,.domain .acts,.name .acts{width:100%;margin-left:0;justify-content:stretch}
.acts button,.acts .button{flex:1;padding:.125rem .25rem}
.ask button,.ask .button{padding:.125rem 1rem}
.trouble li{align-items:center}
.facts{grid-template-columns:repeat(auto-fill,minmax(5.25rem,1fr))}
thead{position:absolute;left:-99rem}
tbody,table{display:block}
tr{display:grid;grid-template-columns:1fr auto;gap:.25rem .75rem;padding:.625rem 1rem;border-top:1px solid var(--line);
align-items:center}
td,th,tbody th[colspan],.contexts td:nth-child(n),.contexts th:nth-child(n){display:block;width:auto;padding:0;border:0}
tbody th[colspan]{grid-column:1/-1}
.contexts td:nth-child(3){color:var(--soft);text-align:left}
.contexts td:nth-child(3)::after{content:" in flight"}
.contexts td:nth-child(4){grid-column:1/-1}
.balancers tr{grid-template-columns:1fr}
.balancers td::before{content:attr(data-label) ": ";color:var(--soft)}
.balancers td{text-align:left}
}
@media print{
.notice{position:static}
body{max-width:none;padding:0;font-size:.75rem}
.links,.acts,.filter,.pages,.skip{display:none}
.tag{border:1px solid}
a{color:inherit;text-decoration:none}
}
`;

/** By which the Content-Security-Policy knows the style, and no other (CSP Level 3 §6.7.3.3). */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE, 'utf8').digest('base64')}'`;
