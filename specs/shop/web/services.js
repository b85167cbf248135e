// The services behind the storefront. A call that takes longer than three seconds has failed.
export class Refused extends Error {}

export function services({ catalogUrl, ordersUrl }) {
  return {
    products: () => call(`${catalogUrl}/products`),
    order: (id, quantities) =>
      call(`${ordersUrl}/orders/${id}`, {
        method: "PUT",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(quantities),
      }),
  };
}

async function call(url, options = {}) {
  const response = await fetch(url, { signal: AbortSignal.timeout(3000), ...options });
  const body = await response.json();
  if (response.status === 409) {
    throw new Refused(body.error);
  }
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}`);
  }
  return body;
}
