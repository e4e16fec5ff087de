// What lies over the page: the browser's back button closes it before it leaves the page.

const closers = [];

// Return what to call when something is opened that `close` closes.
export function layer(close) {
  closers.push(close);
  return () => {
    if (!history.state?.over) history.pushState({ ...history.state, over: true }, "");
  };
}

addEventListener("popstate", (event) => {
  if (!event.state?.over) closers.forEach((close) => close());
});
