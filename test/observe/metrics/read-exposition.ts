/** A line of values. */
export interface Sample {
  readonly name: string;
  /** By name, in the order of the line. */
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Suffixes that the samples of a type have. */
const SUFFIXES: ReadonlyMap<string, readonly string[]> = new Map([
  ['histogram', ['_bucket', '_sum', '_count']],
  ['summary', ['_sum', '_count']],
]);

/**
 * Reads Prometheus' text format 0.0.4 as its documentation describes it, character by character, and refuses what a scraper
 * would: lines outside their family, series that come twice, labels that come twice, a last line without an end.
 */
export function readExposition(text: string): Map<string, ReadFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line);
    if (comment !== null) {
      const [, what, name = '', rest = ''] = comment;
      if (what === 'HELP') {
        if (families.has(name)) throw new Error(`${name} comes twice`);
        families.set(name, { type: '', help: rest, samples: [] });
        current = name;
      } else {
        const family = families.get(name);
        if (name !== current || family === undefined || family.samples.length > 0)
          throw new Error(`misplaced: ${line}`);
        family.type = rest;
      }
      continue;
    }
    const sample = readSample(line);
    const family = families.get(current);
    const names = (SUFFIXES.get(family?.type ?? '') ?? ['']).map((suffix) => current + suffix);
    if (family === undefined || !names.includes(sample.name)) throw new Error(`outside its family: ${line}`);
    const series = JSON.stringify([sample.name, [...sample.labels].sort()]);
    if (seen.has(series)) throw new Error(`comes twice: ${line}`);
    seen.add(series);
    family.samples.push(sample);
  }
  return families;
}

function readSample(line: string): Sample {
  let at = 0;
  const take = (pattern: RegExp): string => {
    const found = new RegExp(pattern.source, 'y');
    found.lastIndex = at;
    const text = found.exec(line)?.[0];
    if (text === undefined) throw new Error(`at ${at}: ${line}`);
    at += text.length;
    return text;
  };
  const name = take(/[a-zA-Z_:][\w:]*/);
  const labels = new Map<string, string>();
  if (line[at] === '{') {
    take(/\{/);
    while (line[at] !== '}') {
      if (labels.size > 0) take(/,/);
      const label = take(/[a-zA-Z_]\w*/);
      if (labels.has(label)) throw new Error(`label ${label} twice: ${line}`);
      take(/="/);
      let value = '';
      while (line[at] !== '"') {
        const character = take(/\\[\\n"]|[^\\"]/);
        value += character === '\\n' ? '\n' : character.length === 2 ? character.slice(1) : character;
      }
      take(/"/);
      labels.set(label, value);
    }
    take(/\}/);
  }
  take(/ /);
  const number = take(/[+-]?Inf|NaN|[+-]?[\d.]+(?:e[+-]?\d+)?/);
  if (at !== line.length) throw new Error(`at ${at}: ${line}`);
  const value = number.endsWith('Inf') ? (number.startsWith('-') ? -1 / 0 : 1 / 0) : Number(number);
  return { name, labels, value };
}

/** The value of one series; undefined when it is not there. */
export function sampleValue(
  families: ReadonlyMap<string, ReadFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = Object.entries(labels);
  const family = families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, ''));
  return family?.samples.find(
    (sample) =>
      sample.name === name &&
      sample.labels.size === wanted.length &&
      wanted.every(([label, value]) => sample.labels.get(label) === value),
  )?.value;
}
