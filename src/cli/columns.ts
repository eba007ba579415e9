/** Two columns within 80 characters; a long right column goes on below itself. */
export function inColumns(
  rows: readonly (readonly [string, string])[],
  paint = (text: string): string => text,
): string[] {
  const leftWidth = Math.max(...rows.map(([left]) => left.length), 0);
  return rows.flatMap(([left, right]) => {
    const [first = '', ...more] = fold(right, 80 - leftWidth - 4);
    return [
      `  ${paint(left.padEnd(leftWidth))}  ${first}`,
      ...more.map((line) => `  ${' '.repeat(leftWidth)}  ${line}`),
    ];
  });
}

function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
