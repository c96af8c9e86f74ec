export { PATIENCE_MS, until, within } from '../../tools/waiting.mjs';
