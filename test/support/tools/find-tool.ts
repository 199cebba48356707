/** Where helm, helm-unittest, promtool and Prometheus are. Each throws an Error with the command that builds it. */
import { findProgram, HELM, HELM_UNITTEST, PROMETHEUS_SERVER, PROMTOOL } from './go-tools.ts';

export const findHelm = async (): Promise<string> => findProgram(HELM);
export const findHelmUnittest = async (): Promise<string> => findProgram(HELM_UNITTEST);
export const findPromtool = async (): Promise<string> => findProgram(PROMTOOL);
export const findPrometheus = async (): Promise<string> => findProgram(PROMETHEUS_SERVER);
