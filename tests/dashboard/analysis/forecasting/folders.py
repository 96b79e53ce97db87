"""A folder of loss curves as `read_set` reads it."""


def write(folder, schedule="wsd", window=""):
    (folder / "runs").mkdir(parents=True)
    (folder / "index.csv").write_text(
        "run,file,params,peak_lr,schedule,warmup,total_steps,setup,final_window\n"
        f"one,runs/one.csv,1e6,1e-3,{schedule},10,100,small,{window}\n"
    )
    rows = [f"{step},{min(step / 10, 1) * 1e-3:g},{'' if step % 20 else 4 - step / 100}" for step in range(0, 101, 5)]
    (folder / "runs" / "one.csv").write_text("\n".join(["step,lr,loss", *rows]))
