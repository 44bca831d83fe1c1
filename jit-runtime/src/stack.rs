//! Room to compile in.

use std::panic::resume_unwind;
use std::thread;

/// Enough for LLVM's recursion and ours. Only what is used of it takes memory.
const STACK_BYTES: usize = 16 << 20;

/// Runs on a thread of its own, because the caller's may have a small stack: rustc's body, which it asked for, needs next to none.
/// Panics come through.
pub(crate) fn on_large_stack<R: Send>(run: impl FnOnce() -> R + Send) -> R {
    let mut run = Some(run);
    let mut result = None;
    let joined = thread::scope(|scope| {
        let (run, result) = (&mut run, &mut result);
        thread::Builder::new()
            .name("hotloop".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, move || *result = run.take().map(|run| run()))
            .map(|thread| thread.join())
    });
    if let Ok(Err(payload)) = joined {
        resume_unwind(payload);
    }
    match (result, run) {
        (Some(result), _) => result,
        // There is no thread to be had: then on this stack, as large as it is.
        (None, Some(run)) => run(),
        (None, None) => unreachable!("who took the work has done it or panicked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_panics_come_through() {
        assert_eq!(on_large_stack(|| 3), 3);
        let panicked = std::panic::catch_unwind(|| on_large_stack(|| resume_unwind(Box::new(7))));
        assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&7));
    }
}
