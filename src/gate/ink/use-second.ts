/** The time, told anew at each full second while somebody looks at it. */
import { useEffect, useState } from 'react';

export function useSecond(pace: 'ticking' | 'still', now: () => number): number {
  const [, setSecond] = useState(0);
  useEffect(() => {
    if (pace === 'still') return;
    let timer: NodeJS.Timeout;
    function tick(): void {
      setSecond(Math.floor(now() / 1000));
      timer = setTimeout(tick, 1000 - (now() % 1000));
    }
    timer = setTimeout(tick, 1000 - (now() % 1000));
    return () => clearTimeout(timer);
  }, [pace, now]);
  return now();
}
