import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** What of the collector every folder may know: its contract, which is pure and browser-safe. */
const insideCollector = '^#collector/(?!(code|form|finding|reading)\\.ts$|forms/)';

/** Imports point down only: what each folder may not reach. `regex`, because names begin with `#`. */
const boundaries = [
  {
    folder: 'models',
    regex: `^#(realtime|exchange|embedded|server|lib|nemesis)/|${insideCollector}`,
    message: 'models know nothing above them, and of the collector its contract',
  },
  { folder: 'embedded', regex: '^#(?!chance/)', message: 'the store knows nothing of the hub' },
  {
    folder: 'exchange',
    regex: '^#(realtime|collector|embedded|server|lib|nemesis)/',
    message: 'exchange knows models only',
  },
  { folder: 'collector', regex: '^#(?!chance/)', message: 'the collector knows nothing of the hub' },
  { folder: 'nemesis/checks', regex: '^#', message: 'the checks share no code with what they check' },
  {
    folder: 'realtime',
    regex: '^#(exchange|collector|embedded|server|lib|nemesis)/',
    message: 'realtime knows models only',
  },
].map(({ folder, ...pattern }) => ({
  files: [`${folder}/**/*.ts`],
  ignores: [`${folder}/**/*.int.test.ts`],
  rules: {
    /** @type {['error', { patterns: { regex: string, message: string }[] }]} */
    'no-restricted-imports': ['error', { patterns: [pattern] }],
  },
}));

export default tseslint.config(
  { ignores: ['build/', '.svelte-kit/', 'data/', 'app/lib/paraglide/', 'test-results/'] },
  ...tseslint.configs.strictTypeChecked,
  ...svelte.configs['flat/recommended'],
  {
    languageOptions: {
      globals: { ...globals.node, ...globals.browser },
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/only-throw-error': 'off',
      'svelte/no-navigation-without-resolve': 'off',
      // It does not see every warning that svelte-check gives.
      'svelte/no-unused-svelte-ignore': 'off',
    },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: tseslint.parser } } },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  ...boundaries,
  {
    // At run time the pages have one door: event.locals.hub. Types may come from anywhere below.
    files: ['app/**/*.ts', 'app/**/*.svelte'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^#(models|realtime)/.*\\.(store|actions|queries)\\.ts$',
              message: 'ask event.locals.hub',
              allowTypeImports: true,
            },
            { regex: '^#(exchange|embedded|server|nemesis)/', message: 'ask event.locals.hub', allowTypeImports: true },
            { regex: insideCollector, message: 'ask event.locals.hub', allowTypeImports: true },
          ],
        },
      ],
    },
  },
);
