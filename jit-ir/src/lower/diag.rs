//! What is wrong with a function, where, and what to do about it.

use serde::{Deserialize, Serialize};

use crate::hir::{Refusal, Span};

macro_rules! codes {
    ($($variant:ident = $summary:literal, $note:literal;)*) => {
        /// The kind of a problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[allow(missing_docs)]
        pub enum Code { $($variant,)* }

        impl Code {
            /// Every code once.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];
            /// A few words.
            pub const fn summary(self) -> &'static str {
                match self { $(Code::$variant => $summary,)* }
            }
            /// Why it is refused, in a sentence or two.
            pub const fn note(self) -> &'static str {
                match self { $(Code::$variant => $note,)* }
            }
        }
    };
}

codes! {
    Signature = "signature that cannot be jitted",
        "A jitted function has a body, and takes and returns what can be passed to machine code that was compiled at run time: \
         it is neither `async` nor `const` nor `extern`.";
    Type = "type that cannot be captured",
        "Captured code computes with numbers, truth values, tuples, arrays and structs of them, and slices and references to \
         them. Types that own memory or have behaviour of their own (`Vec`, `String`, `HashMap`, trait objects) stay outside: \
         pass their contents as slices.";
    Pattern = "pattern that cannot be captured",
        "Patterns take numbers, tuples, arrays, structs, `Option` and `Result` apart; the length of a slice is no part of them.";
    Expression = "expression that cannot be captured",
        "The expression is Rust, but outside the language that the loop IR can represent.";
    Item = "item inside a jitted function",
        "Constants and functions inside the body are captured; types, traits and `static mut` are not.";
    Attribute = "attribute inside a jitted function",
        "`#[cfg]` inside the body would be decided after the capture, so the captured code could differ from what rustc compiles.";
    Macro = "macro that cannot be captured",
        "An attribute macro sees other macros unexpanded; only those of std with a known meaning are captured.";
    Call = "call that cannot be captured",
        "Jitted functions, those of the list `host(..)`, and numeric functions of std and num-traits can be called.";
    Method = "method that cannot be captured",
        "Jitted methods can be called, and those of std and num-traits that the capture knows; for a type parameter only those \
         of its num-traits bounds.";
    Name = "name that is not a local variable",
        "An attribute macro sees tokens, not definitions: what is spelled like a variable has to be one of this function.";
    Mismatch = "types that do not agree",
        "The capture infers types as rustc does, so that the compiled code computes the same. Here it found two different ones.";
    Annotation = "type that is not known",
        "The capture sees no definitions, so that it sometimes needs a type written down where rustc does not.";
    Loop = "loop that cannot be captured",
        "`for` runs over ranges of integers, slices, arrays, and the iterators of these that the capture knows.";
    Literal = "literal that cannot be captured",
        "Integers, floats, bytes and truth values are numbers; characters and strings are not.";
    Panic = "panic message that cannot be captured",
        "The message of a panic must be a literal, and its arguments numbers or truth values.";
}

/// One problem of a function.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// What kind.
    pub code: Code,
    /// The fact: lower case, no full stop, names in back-ticks.
    pub message: String,
    /// The way out.
    pub help: String,
    /// The smallest token that is wrong.
    pub span: Span,
    /// The instance that the token belongs to; 0 while the crate is built.
    pub origin: u32,
}

/// Collects problems, so that one build shows all of them.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    found: Vec<Diagnostic>,
    /// The instance whose source is being lowered.
    pub(crate) origin: u32,
}

impl Collector {
    pub(crate) fn report(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.found.push(Diagnostic {
            code,
            message: message.into(),
            help: help.into(),
            span,
            origin: self.origin,
        });
    }

    /// Reports what the syntax could not hold.
    pub(crate) fn refuse(&mut self, refusal: &Refusal) {
        let Refusal {
            code,
            message,
            help,
            span,
        } = refusal;
        self.report(*code, *span, message, help);
    }

    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// Forgets the problems behind these.
    pub(crate) fn forget(&mut self, len: usize) {
        self.found.truncate(len);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All problems; the collector is spent.
    pub(crate) fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }
}
