/**
 * What a test asks in the browser, as text: the rest of the project is compiled without the types of the DOM.
 */

/** Texts whose contrast to what lies behind them is below 4.5 (WCAG 2.2, success criterion 1.4.3), and how many there are. */
export const POOR_CONTRASTS = `(() => {
  const channels = (colour) => (colour.match(/[0-9.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const poor = [];
  let measured = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
    const element = text.parentElement;
    if (element === null || (text.textContent ?? '').trim() === '') continue;
    const [one, other] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    measured += 1;
    if (contrast < 4.5) poor.push(contrast.toFixed(2) + ': ' + text.textContent);
  }
  return { poor, measured };
})()`;

/** Links, buttons and fields that a thumb would miss, being less than 40 pixels wide or high. */
export const SMALL_TARGETS = `(() => {
  return [...document.querySelectorAll('a, button, input:not([type=hidden])')]
    .filter((element) => element.getBoundingClientRect().right > 0)
    .flatMap((element) => {
      const { width, height } = element.getBoundingClientRect();
      return width < 40 || height < 40 ? [Math.round(width) + 'x' + Math.round(height) + ' ' + element.textContent] : [];
    });
})()`;

/** Puts markup into the page as somebody would who got past the escaping, and tells what came of it. */
export const INJECTED = `(async () => {
  const violations = new Set();
  document.addEventListener('securitypolicyviolation', (event) => violations.add(event.effectiveDirective));
  const holder = document.createElement('div');
  holder.innerHTML = '<img src="http://127.0.0.1:9/x" onerror="document.title=1"><p style="color:red">x</p>';
  document.body.append(holder);
  const script = document.createElement('script');
  script.textContent = 'document.title = "ran"';
  document.body.append(script);
  const giveUpAt = performance.now() + 5000;
  while (violations.size < 4 && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 5));
  return { title: document.title, violations: [...violations].sort() };
})()`;
