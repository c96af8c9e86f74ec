export { until, within } from '../../tools/waiting.mjs';
