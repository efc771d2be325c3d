/** For the custom elements analyzer, which takes this one from a file only: without it, it writes into package.json. */
export default {
  globs: ['elements/*.ts'],
  outdir: 'dist/.manifest',
  litelement: true,
  packagejson: false,
  quiet: true,
};
