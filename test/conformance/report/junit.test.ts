import { describe, expect, it } from 'vitest';
import { junitOf } from '../../../src/conformance/report/junit.ts';
import { knowing, NO_BASELINES, result, runReport, targetReport, variedRun } from './sample.ts';
import { type Element, readXml } from './xml.ts';

function suitesOf(root: Element): readonly Element[] {
  return root.children.filter(({ name }) => name === 'testsuite');
}

function casesOf(root: Element): readonly Element[] {
  return suitesOf(root).flatMap(({ children }) => children.filter(({ name }) => name === 'testcase'));
}

describe('JUnit XML', () => {
  const varied = readXml(junitOf(variedRun(), NO_BASELINES.known));

  it('has a suite for each topic, with numbers that add up', () => {
    expect(varied.name).toBe('testsuites');
    expect(suitesOf(varied).map(({ attributes }) => attributes.get('name'))).toEqual([
      'wire',
      'status',
      'routing',
      'manager',
      'sticky',
    ]);
    for (const suite of suitesOf(varied)) {
      const cases = suite.children.filter(({ name }) => name === 'testcase');
      const with_ = (name: string): number => cases.filter(({ children }) => children[0]?.name === name).length;
      const { attributes } = suite;
      expect([
        attributes.get('tests'),
        attributes.get('failures'),
        attributes.get('errors'),
        attributes.get('skipped'),
      ]).toEqual([cases.length, with_('failure'), with_('error'), with_('skipped')].map(String));
      expect(suite.children[0]?.name).toBe('properties');
      expect(attributes.get('timestamp')).toBe('2026-01-02T03:04:05');
    }
    expect(varied.attributes.get('tests')).toBe('12');
    expect(varied.attributes.get('failures')).toBe('4');
    expect(varied.attributes.get('errors')).toBe('1');
  });

  it('says what was expected and what was, and shows the bytes', () => {
    const bad = casesOf(varied).find(({ attributes }) => attributes.get('name') === 'status/load-out-of-range');
    expect(bad?.attributes.get('classname')).toBe('httpd-2.status');
    expect(bad?.attributes.get('time')).toBe('0.003');
    const failure = bad?.children[0];
    expect(failure?.attributes.get('type')).toBe('fail');
    expect(failure?.attributes.get('message')).toMatch(
      /^expected MEM, and the load stays; was Load in INFO: "<\/script>/,
    );
    expect(failure?.text).toContain('\n  JVMRoute=a&Load=101\\n\n');
    expect(failure?.text).toContain('requirement: A Load above 100 is no load.');
  });

  it('skips known deviations with their reason, and passes what is non-strict with a word', () => {
    const report = runReport([
      targetReport([result('a/b', 'fail'), result('a/c', 'non-strict'), result('a/d', 'fail')]),
    ]);
    const root = readXml(junitOf(report, knowing({ 'a/b': 'Too "old".\nReally.', 'a/d': '' })));
    const [first, second, third] = casesOf(root).map(({ children }) => children[0]);
    expect([first?.name, first?.attributes.get('message')]).toEqual([
      'skipped',
      'known deviation: Too "old".\nReally.',
    ]);
    expect(second?.name).toBe('system-out');
    expect(third?.attributes.get('message')).toBe('known deviation');
    expect(root.attributes.get('failures')).toBe('0');
  });

  it('is XML 1.0 whatever a peer says', () => {
    const all = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join('');
    const words = `${all}\ud800\ufffe\uffff]]>\u{1f600}`;
    const report = runReport([
      targetReport(
        [result('a/b', 'fail', { expected: words, actual: words }), result('a/c', 'skipped', { reason: words })],
        {
          name: words,
          calls: words,
        },
      ),
    ]);
    const root = readXml(junitOf(report, NO_BASELINES.known));
    const message = casesOf(root)[0]?.children[0]?.attributes.get('message');
    expect(message).toContain('\\u{0}');
    expect(message).toContain('\t\n\u000b'.replace('\u000b', '\\u{b}'));
    expect(message).toContain('\\u{d800}\\u{fffe}\\u{ffff}]]>\u{1f600}');
  });

  it('names the target of each suite when there are several', () => {
    const two = runReport([targetReport([result('a/b')]), targetReport([result('a/b')], { dialect: 'undertow' })]);
    expect(suitesOf(readXml(junitOf(two, NO_BASELINES.known))).map(({ attributes }) => attributes.get('name'))).toEqual(
      [
        'a · http://127.0.0.1:8090 · dialect httpd-2 · mod_proxy_cluster/2.0.0.Dev',
        'a · http://127.0.0.1:8090 · dialect undertow · mod_proxy_cluster/2.0.0.Dev',
      ],
    );
  });
});
