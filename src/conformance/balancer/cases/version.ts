import { said } from '../../case.ts';
import { inHttpd } from '../../dialects.ts';
import { Deviation, demandEqual } from '../../verdict.ts';
import { accepted, answerWords } from '../answers.ts';
import { balancerCase } from '../trial.ts';

const TEXT = accepted(/^release: [^/,\n]+\/[^,\n]+, protocol: 0\.2\.1\n$/);
const XML = said('the release and the protocol of the text, in XML');

/** VERSION (reference §2.5, checklist §11.5). */
export const VERSION_CASES = [
  balancerCase({
    id: 'version/text',
    requirement: 'VERSION says the release of the balancer and the version of the protocol.',
    level: 'may',
    lines: ['MCMP-VER-01'],
    spec: '2.5',
    expected: {
      mcmp: { ...TEXT, words: '`release: NAME/VERSION, protocol: 0.2.1` and LF' },
      ...inHttpd({ ...TEXT, words: '`release: NAME/VERSION, protocol: 0.2.1` and LF' }),
    },
    async run(trial, expected) {
      await trial.expect(expected, 'VERSION');
    },
  }),
  balancerCase({
    id: 'version/xml',
    requirement: 'VERSION with Accept: text/xml says the same in XML.',
    level: 'may',
    lines: ['MCMP-VER-02'],
    spec: '2.5',
    expected: { mcmp: XML, ...inHttpd(XML) },
    async run(trial) {
      const text = await trial.must('VERSION');
      const [, release, protocol] = /^release: (.*), protocol: (.*)\n$/.exec(text.body) ?? [];
      const xml = await trial.must('VERSION', '', { headers: [['Accept', 'text/xml']] });
      demandEqual(
        'body',
        xml.body,
        `<?xml version="1.0" standalone="yes" ?>\n<version><release>${release}</release><protocol>${protocol}</protocol></version>\n`,
      );
    },
  }),
  balancerCase({
    id: 'version/not-mcmp',
    requirement: 'VERSION is no command: it is treated as any request with an unknown method.',
    level: 'may',
    lines: ['MCMP-VER-03'],
    spec: '1.1',
    expected: { undertow: said('no answer of MCMP'), nginx: said('no answer of MCMP') },
    async run(trial, { words }) {
      const answer = await trial.send('VERSION');
      const isMcmp = answer.headers.has('type') || /^release: .*protocol: /.test(answer.body);
      if (isMcmp) throw new Deviation('fail', words, answerWords(answer));
    },
  }),
];
