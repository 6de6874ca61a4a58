// The eight pizzas that a new pizzeria opens with; the migration writes them into an empty menu.

import type { Pizza } from './pizza.ts';

export const HOUSE_MENU: readonly Pizza[] = [
  {
    id: 'margherita',
    name: 'Margherita',
    description: 'San Marzano tomatoes, fior di latte and basil. The one that every other pizza is measured against.',
    priceCents: 1299,
    toppings: ['tomato', 'fior di latte', 'basil'],
    available: true,
  },
  {
    id: 'marinara',
    name: 'Marinara',
    description: 'No cheese, nothing to hide behind: tomato, slivers of garlic, wild oregano and good oil.',
    priceCents: 1099,
    toppings: ['tomato', 'garlic', 'oregano'],
    available: true,
  },
  {
    id: 'pepperoni',
    name: 'Pepperoni',
    description: 'Crisp-edged pepperoni over tomato and mozzarella, finished with a thread of hot honey.',
    priceCents: 1499,
    toppings: ['tomato', 'mozzarella', 'pepperoni'],
    available: true,
  },
  {
    id: 'quattro-formaggi',
    name: 'Quattro Formaggi',
    description: 'Mozzarella, gorgonzola, fontina and parmesan, white and unapologetic, with a little black pepper.',
    priceCents: 1649,
    toppings: ['mozzarella', 'gorgonzola', 'fontina', 'parmesan'],
    available: true,
  },
  {
    id: 'prosciutto-e-funghi',
    name: 'Prosciutto e Funghi',
    description: 'Cooked ham and chestnut mushrooms browned in butter, the way Sunday evenings taste.',
    priceCents: 1549,
    toppings: ['tomato', 'mozzarella', 'ham', 'mushrooms'],
    available: true,
  },
  {
    id: 'capricciosa',
    name: 'Capricciosa',
    description: 'Ham, artichokes, mushrooms and olives, each in its own quarter until you decide otherwise.',
    priceCents: 1599,
    toppings: ['tomato', 'mozzarella', 'ham', 'artichokes', 'mushrooms', 'olives'],
    available: true,
  },
  {
    id: 'ortolana',
    name: 'Ortolana',
    description: 'Whatever the gardener was proud of: roasted peppers, aubergine, courgette and red onion.',
    priceCents: 1449,
    toppings: ['tomato', 'mozzarella', 'peppers', 'aubergine', 'courgette', 'red onion'],
    available: true,
  },
  {
    id: 'diavola',
    name: 'Diavola',
    description: 'Spicy Calabrian salame, chilli and black olives. Ask for a glass of milk, nobody will laugh.',
    priceCents: 1549,
    toppings: ['tomato', 'mozzarella', 'spicy salame', 'chilli', 'black olives'],
    available: true,
  },
];
