// A module that does wrong, for the harness to notice.

export default async function () {}

export const reach = (address) => fetch(address).then(() => {});

export const complain = (text) => console.error(text);

export function fail_later(text) {
  setTimeout(() => {
    throw new Error(text);
  });
}
