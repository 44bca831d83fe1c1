//! From instances to a program.

use crate::func::Program;
use crate::instance::Instance;
use crate::span::Span;

use super::body::Context;
use super::{finish, state};

/// Why instances cannot be lowered. What can be known at build time was reported then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{function}` at {}:{}: {message}", position.line, position.column)]
pub struct LowerError {
    /// The function.
    pub function: String,
    /// The token that stands in the way.
    pub position: Span,
    /// The fact.
    pub message: String,
}

/// Lowers instances: the first, which is called from outside, and all that it calls; function `n` of the program is instance `n`. Of the first,
/// type parameters stay (also those without an argument), for specialization to replace; the others are for their types.
///
/// # Errors
///
/// The first problem of the first function that has one.
pub fn lower_program(instances: &[Instance]) -> Result<Program, LowerError> {
    let functions = (instances.iter().enumerate())
        .map(|(number, instance)| {
            let context = Context {
                instances,
                number: number as u32,
            };
            state::lower(&instance.function, Some(context))
                .and_then(finish::finish)
                .map_err(|problems| to_error(instance, &problems))
        })
        .collect::<Result<_, _>>()?;
    Ok(Program {
        functions,
        hosts: Vec::new(),
    })
}

fn to_error(instance: &Instance, problems: &[super::Diagnostic]) -> LowerError {
    let function = &instance.function;
    let (position, message) = match problems.first() {
        Some(first) => (function.position(first.span), first.message.clone()),
        None => (Span::UNKNOWN, "it cannot be lowered".to_owned()),
    };
    LowerError {
        function: function.name().to_owned(),
        position,
        message,
    }
}
