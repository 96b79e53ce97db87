"""A training process for the browser tests: writes a run step by step and obeys a request to stop.

Arguments: store, planned steps, steps written at once, seconds a step, and the step at which the loss turns NaN.
"""

import sys
import time
from pathlib import Path

from tests.dashboard import made_up

path, planned, begun, pause = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
writer = made_up.begin(path, "a live run", steps_planned=planned)
writer.plan(made_up.cosine(planned))
made_up.write(writer, begun, total=planned)
curves = made_up.curves(planned)
if len(sys.argv) > 5:
    curves["loss"][1][int(sys.argv[5]) :] = float("nan")
dense = tuple(key for key, (steps, _) in curves.items() if len(steps) == planned)
writer.tend()
print("up", flush=True)
for step in range(begun, planned):
    writer.points(step, dense, [float(curves[key][1][step]) for key in dense])
    if step % 10 == 0:
        writer.tend()
    if writer.stop_requested():
        writer.close("stopped")
        break
    time.sleep(pause)
else:
    writer.close()
