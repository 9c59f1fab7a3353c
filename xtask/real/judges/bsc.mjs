export { judge } from './evm.mjs';
