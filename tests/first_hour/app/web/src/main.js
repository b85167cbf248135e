const place = document.querySelector('#place');

document.querySelector('#search').addEventListener('submit', async (event) => {
  event.preventDefault();
  const number = new FormData(event.target).get('number');
  const answer = await fetch(`/api/parcels/${encodeURIComponent(number)}`);
  place.textContent = answer.ok ? (await answer.json()).place : 'not found';
});
