//! From instances to a program.

use crate::func::Program;
use crate::instance::Instance;
use crate::span::Span;

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

/// Lowers the first of the instances and those that it calls. A type parameter without an argument stays one.
///
/// # Errors
///
/// The first problem of the first function that has one.
pub fn lower_program(instances: &[Instance]) -> Result<Program, LowerError> {
    let Some(instance) = instances.first() else {
        return Err(LowerError {
            function: String::new(),
            position: Span::UNKNOWN,
            message: "there is no function".to_owned(),
        });
    };
    let function = state::lower(&instance.function, Some(instance))
        .and_then(finish::finish)
        .map_err(|problems| to_error(instance, &problems))?;
    Ok(Program {
        functions: vec![function],
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
