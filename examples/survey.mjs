import { createSurvey, disagreementWords, surveyDisagreements } from 'mcmp';

const survey = createSurvey(process.argv.slice(2), { timeoutMs: 5000 });
const reading = await survey.read();

for (const one of reading.targets) {
  if (one.outcome === 'failed') {
    console.log(`${one.target}: ${one.failure.error.message}`);
    if (one.failure.error.hint) console.log(`  ${one.failure.error.hint}`);
  } else {
    const { brand, version, view } = one.good.state;
    console.log(`${one.target}: ${brand} ${version}, ${view.nodes.length} nodes, ${Math.round(one.good.tookMs)} ms`);
  }
}
for (const found of surveyDisagreements(reading)) console.log(disagreementWords(found));

await survey.close();
