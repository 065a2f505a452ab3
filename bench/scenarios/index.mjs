import { hotPath } from './hot-path.mjs';

export const scenarios = [hotPath];
