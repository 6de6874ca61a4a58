/** The readable part of a dashboard's address: `Mario's Pizzeria: CQRS` → `mario-s-pizzeria-cqrs`. */
export function slugOf(title: string): string {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'dashboard';
}
