//! What the program's logger is told, and where: never on a thread of ours, nor while others wait for what this thread does.
//!
//! A logger takes locks. One that calls a jitted function while it holds them would wait for the compilation, which would wait for the logger; and
//! a caller that holds the lock of standard error would wait for our thread, which would wait for standard error. So what compilations have to
//! say is collected ([`collect`]), and told by the thread that asked, when nobody waits for it any more.

use std::cell::RefCell;
use std::fmt;

use log::Level;

/// Tells the logger, or what collects on this thread.
macro_rules! tell {
    ($level:ident, $($text:tt)+) => {
        $crate::events::tell_text(::log::Level::$level, ::core::module_path!(), ::core::format_args!($($text)+))
    };
}
pub(crate) use tell;

/// What is to be told, in order.
#[derive(Debug, Default)]
#[must_use = "somebody has to tell it"]
pub(crate) struct Events(Vec<Event>);

#[derive(Debug)]
struct Event {
    level: Level,
    target: &'static str,
    text: String,
}

thread_local! {
    /// What was collected so far, if something collects.
    static COLLECTED: RefCell<Option<Events>> = const { RefCell::new(None) };
}

pub(crate) fn tell_text(level: Level, target: &'static str, text: fmt::Arguments<'_>) {
    if level > log::max_level() {
        return;
    }
    let collect = |collected: &RefCell<Option<Events>>| match &mut *collected.borrow_mut() {
        Some(Events(events)) => {
            let text = text.to_string();
            events.push(Event {
                level,
                target,
                text,
            });
            true
        }
        None => false,
    };
    // A thread that ends has no variables any more, and collects nothing.
    if !COLLECTED.try_with(collect).unwrap_or(false) {
        log::log!(target: target, level, "{text}");
    }
}

/// Runs `run`, and returns what it would have told. If that is collected already, nothing is left to return; if `run` panics, it is lost.
pub(crate) fn collect<R>(run: impl FnOnce() -> R) -> (R, Events) {
    struct Stop;
    impl Drop for Stop {
        fn drop(&mut self) {
            let _ = COLLECTED.try_with(RefCell::take);
        }
    }
    let begin = |collected: &RefCell<Option<Events>>| {
        let mut collected = collected.borrow_mut();
        let begins = collected.is_none();
        collected.get_or_insert_default();
        begins
    };
    if !COLLECTED.try_with(begin).unwrap_or(false) {
        return (run(), Events::default());
    }
    let stop = Stop;
    let result = run();
    let events = COLLECTED.try_with(RefCell::take).ok().flatten();
    drop(stop);
    (result, events.unwrap_or_default())
}

impl Events {
    /// Tells all of it.
    pub(crate) fn tell(self) {
        for Event {
            level,
            target,
            text,
        } in self.0
        {
            tell_text(level, target, format_args!("{text}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_collected_is_told_once() {
        log::set_max_level(log::LevelFilter::Debug);
        let (inner, outer) = collect(|| {
            tell!(Debug, "first {}", 1);
            tell!(Trace, "not asked for");
            let ((), inner) = collect(|| tell!(Warn, "second"));
            inner.0.len()
        });
        assert_eq!(inner, 0);
        let texts: Vec<_> = outer.0.iter().map(|event| &*event.text).collect();
        assert_eq!(texts, ["first 1", "second"]);
        assert_eq!(outer.0[0].target, module_path!());
        // Nobody collects any more, nor after a panic.
        let panicked = std::panic::catch_unwind(|| {
            let _ = collect(|| std::panic::resume_unwind(Box::new(())));
        });
        assert!(panicked.is_err() && COLLECTED.with_borrow(Option::is_none));
        let ((), again) = collect(|| outer.tell());
        assert_eq!(again.0.len(), 2);
    }
}
