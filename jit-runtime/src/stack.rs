//! Room to compile in.

use std::panic::resume_unwind;
use std::thread;

use crate::error::Error;
use crate::events;

/// Enough for LLVM's recursion and ours. Only what is used of it takes memory.
const STACK_BYTES: usize = 16 << 20;

/// Much more than it takes to load code from the cache, which does not recurse.
const ENOUGH_TO_LOAD: usize = 512 << 10;

/// Enough for LLVM, for all but extraordinary functions.
const ENOUGH_TO_COMPILE: usize = 4 << 20;

/// Whether code can be loaded from the cache on this thread's stack. A thread of its own takes longer than all the rest of it: about
/// 50 microseconds on an idle machine, milliseconds on a busy one.
pub(crate) fn has_room_to_load() -> bool {
    room_bytes().is_some_and(|bytes| bytes >= ENOUGH_TO_LOAD)
}

/// How much of this thread's stack is left; `None` if that cannot be known, as on a stack that is not the thread's.
#[cfg(all(target_os = "linux", not(miri)))]
fn room_bytes() -> Option<usize> {
    let local = 0_u8;
    let here = std::ptr::from_ref(&local).addr();
    // SAFETY: neither call has preconditions.
    let is_main = unsafe { libc::gettid() == libc::getpid() };
    if is_main {
        // The kernel puts the program's name at the top of the first thread's stack.
        // SAFETY: the call has no preconditions.
        let top = usize::try_from(unsafe { libc::getauxval(libc::AT_EXECFN) }).ok()?;
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: `limit` is a `rlimit` to write to.
        if unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) } != 0 {
            return None;
        }
        let used = top.checked_sub(here)?;
        return usize::try_from(limit.rlim_cur)
            .unwrap_or(usize::MAX)
            .checked_sub(used);
    }
    let mut attributes = std::mem::MaybeUninit::uninit();
    // SAFETY: `attributes` is memory for what the call initializes if it succeeds.
    if unsafe { libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    let (mut lowest, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the call before has initialized the attributes, which are destroyed once and not used after that.
    let is_known = unsafe {
        let result = libc::pthread_attr_getstack(attributes.as_ptr(), &mut lowest, &mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        result == 0
    };
    let room = here.checked_sub(lowest.addr())?;
    (is_known && room < size).then_some(room)
}

#[cfg(not(all(target_os = "linux", not(miri))))]
fn room_bytes() -> Option<usize> {
    None
}

/// Runs on a thread of its own, because the caller's may have a small stack: rustc's body, which it asked for, needs next to none.
/// Panics come through, and what is to be told is told by the caller's thread.
///
/// # Errors
///
/// [`Error::Io`] if there is no thread to be had, and the caller's stack is too small.
pub(crate) fn on_large_stack<R: Send>(run: impl FnOnce() -> R + Send) -> Result<R, Error> {
    let mut run = Some(run);
    let mut result = None;
    let spawned = thread::scope(|scope| {
        let (run, result) = (&mut run, &mut result);
        thread::Builder::new()
            .name("hotloop".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, move || {
                *result = run.take().map(|run| events::collect(run));
            })
            .map(|thread| thread.join())
    });
    let no_thread = match spawned {
        Ok(Err(payload)) => resume_unwind(payload),
        Ok(Ok(())) => None,
        Err(error) => Some(error),
    };
    match (result, run) {
        (Some((result, events)), _) => {
            events.tell();
            Ok(result)
        }
        (None, Some(run)) if room_bytes().is_some_and(|room| room >= ENOUGH_TO_COMPILE) => {
            Ok(run())
        }
        _ => Err(Error::Io {
            what: "a thread to compile on".to_owned(),
            message: no_thread.map_or_else(String::new, |error| error.to_string()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_panics_come_through() {
        assert_eq!(on_large_stack(|| 3).ok(), Some(3));
        let panicked = std::panic::catch_unwind(|| on_large_stack(|| resume_unwind(Box::new(7))));
        assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&7));
    }

    #[cfg(all(target_os = "linux", not(miri)))]
    #[test]
    fn the_room_on_a_stack_is_known() {
        let room_of = |bytes: usize| {
            let thread = thread::Builder::new().stack_size(bytes);
            thread.spawn(room_bytes).unwrap().join().unwrap().unwrap()
        };
        // The system may give a thread the larger stack of one that ended.
        for bytes in [256 << 10, 32 << 20] {
            let room = room_of(bytes);
            assert!(room > bytes / 2 && room < 1 << 30, "{room} of {bytes}");
        }
        assert_eq!(on_large_stack(has_room_to_load).ok(), Some(true));
    }
}
