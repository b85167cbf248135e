// Pages as template strings; whatever is put into one is escaped.
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Html extends String {}

function html(strings, ...values) {
  return new Html(String.raw({ raw: strings }, ...values.map(escape)));
}

function escape(value) {
  if (Array.isArray(value)) {
    return value.map(escape).join("");
  }
  return value instanceof Html ? value : String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

const price = (cents) => `€ ${(cents / 100).toFixed(2)}`;

const layout = (title, body) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${title}</title>
  </head>
  <body>
    <h1>${title}</h1>
    ${body}
  </body>
</html>
`.toString();

export function storefront({ products, cart, features }) {
  const items = Object.values(cart).reduce((sum, quantity) => sum + quantity, 0);
  return layout("Shop", html`
    ${features.banner ? html`<p role="status">${features.banner}</p>` : ""}
    <ul>
      ${products.map((product) => html`
      <li>
        ${product.name}, ${price(product.cents)}
        <form method="post" action="/cart">
          <button name="product" value="${product.id}">Add</button>
        </form>
      </li>`)}
    </ul>
    <p>Cart: ${items}</p>
    ${items > 0 && features.checkout
      ? html`<form method="post" action="/checkout"><button>Order</button></form>`
      : ""}`);
}

export const thanks = (order) => layout("Thank you", html`<p>Order ${order.id}, ${price(order.cents)}</p>`);

export const sorry = (reason) => layout("Sorry", html`<p>${reason}</p><p><a href="/">Back to the shop</a></p>`);
