// One at a time, eight seconds, and it stays while hovered or focused.
const SHOWN_FOR = 8000;

export function listenForToast() {
  const toast = document.getElementById("pr-toast");
  if (!toast) return;
  let timer = 0;
  const wait = () => {
    timer = setTimeout(() => {
      // Z still works until the next act: the form stays, unseen.
      toast.hidden = true;
    }, SHOWN_FOR);
  };
  const stay = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusout", wait);
  wait();
}
