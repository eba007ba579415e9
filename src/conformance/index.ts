/**
 * The judge of balancers and nodes: cases, the engine that runs them, and reports. Whoever writes cases of his own needs
 * `balancerCase` or `nodeCase`, the expectations and the checks (docs/conformance-cases.md).
 */
export {
  type AnswerExpectation,
  accepted,
  answerWords,
  expectAnswer,
  GENERIC_FAILURE,
  notMcmp,
  refused,
} from './balancer/answers.ts';
export type { Backend, BackendOptions, BackendRequest } from './balancer/backend.ts';
export { BALANCER_CASES } from './balancer/cases/index.ts';
export { type JudgeBalancersOptions, judgeBalancers } from './balancer/judge.ts';
export {
  type BalancerCase,
  type BalancerTrial,
  balancerCase,
  type Fields,
  type NodeOptions,
  type SendOptions,
  type TrialNode,
  type WebAnswer,
  type WebOptions,
  WHOLE_NODE,
} from './balancer/trial.ts';
export { type Case, type CaseFacts, type CaseSpec, type Expectation, type Level, outcome, said } from './case.ts';
export { inAll, inHttpd, inHU, JUDGED_DIALECTS, type JudgedDialect, type PerDialect } from './dialects.ts';
export { NEEDS, type Need } from './needs.ts';
export type { StagedBalancer } from './node/balancer.ts';
export { NODE_CASES } from './node/cases/index.ts';
export { forNodes, NODE_KINDS, type NodeKind, type PerKind } from './node/kinds.ts';
export * as reactions from './node/reactions.ts';
export { fieldOf, headerOf, type NodeRequest, outline } from './node/request.ts';
export * as messages from './node/sayings.ts';
export { type NodeCase, type NodeStage, nodeCase, type Registration, type StagedNode } from './node/stage.ts';
export { type CaseResult, type Reporter, type RunReport, SUITE_VERSION, type TargetReport } from './result.ts';
export { Deviation, demand, demandEqual, NotHere, VERDICTS, type Verdict } from './verdict.ts';
export type { WireAnswer, WireConnection } from './wire/connection.ts';
export type { RecordedExchange } from './wire/recorded.ts';
