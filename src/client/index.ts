/**
 * The client side of MCMP, for a balancer of any brand: one command and its answer, or all that INFO and DUMP tell; and for
 * several balancers at once: what each says, and where they disagree. What `mcmp send` and `mcmp explain` add for people
 * (reading what was typed, showing what was answered) stands beside it.
 */
export type { HttpAnswer, Pair } from './answer.ts';
export type { Brand } from './brand.ts';
export { type ClusterReading, createMcmpClient, type McmpAnswer, type McmpClient } from './client.ts';
export type { SurveyClock } from './clock.ts';
export type { McmpClientOptions, SendOptions } from './connection.ts';
export type { Decoded } from './decode.ts';
export { disagreementWords } from './disagreement-words.ts';
export {
  type ComparedView,
  DISAGREEMENTS,
  type Disagreement,
  type DisagreementKind,
  disagreements,
  surveyDisagreements,
} from './disagreements.ts';
export { NODE_CONDITIONS, type NodeCondition, nodeCondition } from './node-condition.ts';
export { type ServedCopy, type ServedPath, servedPaths } from './served.ts';
export type { McmpClientTls } from './sockets.ts';
export { createSurvey, type ReadOptions, type Survey, type SurveyOptions } from './survey.ts';
export type { GoodReading, SurveyReading, TargetFailure, TargetReading } from './survey-types.ts';
export type { BalancerFacts, ToldNode } from './told.ts';
export type { ClusterView, ViewBalancer, ViewContext, ViewNode, ViewVhost } from './view.ts';
