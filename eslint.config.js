import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Imports point down only: what each folder may not reach. `regex`, because names begin with `#`. */
const forbidden = {
  models: ['^#(realtime|exchange|embedded|server|lib)/', 'models know nothing above them'],
  embedded: ['^#', 'the store knows nothing of the hub'],
  exchange: ['^#(realtime|embedded|server|lib)/', 'exchange knows models only'],
  realtime: ['^#(exchange|embedded|server|lib)/', 'realtime knows models only'],
};

const boundaries = Object.entries(forbidden).map(([folder, [regex, message]]) => ({
  files: [`${folder}/**/*.ts`],
  ignores: [`${folder}/**/*.int.test.ts`],
  rules: { 'no-restricted-imports': /** @type {const} */ (['error', { patterns: [{ regex, message }] }]) },
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
            { regex: '^#(exchange|embedded|server)/', message: 'ask event.locals.hub', allowTypeImports: true },
          ],
        },
      ],
    },
  },
);
