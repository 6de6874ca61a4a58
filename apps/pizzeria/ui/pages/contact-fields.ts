// Who a customer is and where the pizza goes: the same four fields wherever they are asked for.

import type { ContactDetails } from '../../domain/customer.ts';
import { type Html, html } from '../html.ts';

export function contactFields(contact?: ContactDetails): Html {
  return html`<label class="field"><span>Name</span><input name="name" autocomplete="name" required maxlength="120" value="${contact?.name}"></label>
      <label class="field"><span>Phone</span><input name="phone" type="tel" autocomplete="tel" required maxlength="30" placeholder="+1 555 0134" value="${contact?.phone}"></label>
      <label class="field"><span>Address</span><input name="address" autocomplete="street-address" required maxlength="300" value="${contact?.address}"></label>
      <label class="field"><span>E-mail <i class="quiet">if you like</i></span><input name="email" type="email" autocomplete="email" maxlength="254" value="${contact?.email}"></label>`;
}
