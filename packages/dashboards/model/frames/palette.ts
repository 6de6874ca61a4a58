/** Colours of series and of names, chosen to stay apart from one another on light and on dark ground. */

/** In the order in which series take them: neighbours differ in hue and in lightness. */
export const lightPalette = [
  '#2f7d5b', '#d9822b', '#3b6fc4', '#c0392b', '#8255b8', '#1f9aa8', '#b58900', '#c2528b', '#5b7f2b', '#6b7a90',
  '#e0663d', '#4f9bd9', '#7a5c3e', '#a13d63', '#41a377', '#9a8cd4', '#cf9f45', '#2b5f75', '#e58a9a', '#748c2e',
] as const;

export const darkPalette = [
  '#5cc596', '#f2a65a', '#6ea2f2', '#f0705e', '#b08ae0', '#4fc7d4', '#e3c04b', '#ec86b7', '#9dc25f', '#9fb0c8',
  '#ff9a76', '#8cc6f5', '#c49f7c', '#d9749b', '#86dcb4', '#c7bcf2', '#f0cd84', '#6fa9c4', '#f7b4c0', '#b4cc6a',
] as const;

const lightHues: Readonly<Record<string, string>> = {
  'super-light-green': '#a9d8bf', 'light-green': '#72bd95', green: '#2f8f5f', 'semi-dark-green': '#27784f', 'dark-green': '#1c5c3c',
  'super-light-red': '#f3b8ae', 'light-red': '#e58877', red: '#c93a2b', 'semi-dark-red': '#aa2f22', 'dark-red': '#86241a',
  'super-light-orange': '#f8d3ad', 'light-orange': '#efb073', orange: '#d97d1f', 'semi-dark-orange': '#bb6817', 'dark-orange': '#96520f',
  'super-light-yellow': '#f4e6ae', 'light-yellow': '#e5cd6e', yellow: '#c79f12', 'semi-dark-yellow': '#a8860e', 'dark-yellow': '#846909',
  'super-light-blue': '#bcd3f3', 'light-blue': '#87aee6', blue: '#3b6fc4', 'semi-dark-blue': '#2f5aa3', 'dark-blue': '#23457e',
  'super-light-purple': '#dccbf0', 'light-purple': '#b99ade', purple: '#8255b8', 'semi-dark-purple': '#6a4398', 'dark-purple': '#513274',
};

const darkHues: Readonly<Record<string, string>> = {
  'super-light-green': '#c4f0da', 'light-green': '#93dfba', green: '#55bd8c', 'semi-dark-green': '#3f9d72', 'dark-green': '#2d7956',
  'super-light-red': '#ffd0c8', 'light-red': '#ff9d8d', red: '#ee6352', 'semi-dark-red': '#cc4939', 'dark-red': '#a23629',
  'super-light-orange': '#ffe0c0', 'light-orange': '#fac48d', orange: '#f0a04b', 'semi-dark-orange': '#d08432', 'dark-orange': '#a56722',
  'super-light-yellow': '#fbf0c0', 'light-yellow': '#f2dd86', yellow: '#e3c04b', 'semi-dark-yellow': '#c2a132', 'dark-yellow': '#997e22',
  'super-light-blue': '#d0e2fd', 'light-blue': '#9fc3fa', blue: '#6ea2f2', 'semi-dark-blue': '#4f82d1', 'dark-blue': '#3b64a4',
  'super-light-purple': '#e8dcfa', 'light-purple': '#cdb3f0', purple: '#b08ae0', 'semi-dark-purple': '#8f69c0', 'dark-purple': '#6e4e99',
};

export const hues = { light: lightHues, dark: darkHues } as const;
