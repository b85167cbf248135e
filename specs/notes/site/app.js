const api = `${location.protocol}//api.${location.host}`;

fetch(`${api}/notes`)
  .then((answer) => answer.json())
  .then((notes) => {
    for (const text of notes) {
      const item = document.createElement("li");
      item.textContent = text;
      document.getElementById("notes").append(item);
    }
  });
