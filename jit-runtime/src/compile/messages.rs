//! What users read: errors of the stages, signatures.

use hotloop_ir::lower::LowerError;
use hotloop_ir::{Function, ScalarTy, SpecializeError, Ty, VerifyError};

use crate::codegen::CodegenError;
use crate::companion::Source;
use crate::error::Error;
use crate::object::LoadError;

pub(super) fn version_text((major, minor, patch): (u32, u32, u32)) -> String {
    format!("{major}.{minor}.{patch}")
}

pub(super) fn malformed(source: &Source, stage: &str, errors: Vec<VerifyError>) -> Error {
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    Error::Bug {
        message: format!("`{}` as {stage}: {}", source.name, errors.join("; ")),
    }
}

/// What can be known while the crate is built was reported then; what is left depends on types.
pub(super) fn lower_error(error: &LowerError, source: &Source, type_args: &[ScalarTy]) -> Error {
    Error::Type {
        function: format!("{}{}", source.name, type_args_text(type_args)),
        message: error.to_string(),
    }
}

pub(super) fn specialize_error(
    error: &SpecializeError,
    name: &str,
    type_args: &[ScalarTy],
) -> Error {
    match error {
        // The bounds of a type parameter allow more types than the body's operations exist for, as with
        // `NumCast` and a custom trait. rustc's body knows what to do.
        SpecializeError::Missing { .. } => Error::Type {
            function: format!("{name}{}", type_args_text(type_args)),
            message: error.to_string(),
        },
        SpecializeError::TypeArgCount { .. } | SpecializeError::Malformed { .. } => Error::Bug {
            message: format!("`{name}`: {error}"),
        },
    }
}

pub(super) fn codegen_error(error: CodegenError, signature: &str) -> Error {
    match error {
        CodegenError::Llvm(message) => Error::Llvm {
            message: format!("`{signature}`: {message}"),
        },
        CodegenError::Unsupported(_) => Error::Type {
            function: signature.to_owned(),
            message: error.to_string(),
        },
        CodegenError::Bug(message) => Error::Bug {
            message: format!("`{signature}`: {message}"),
        },
    }
}

pub(super) fn load_error(error: LoadError, signature: &str) -> Error {
    match error {
        LoadError::Memory(error) => Error::Io {
            what: format!("executable memory for `{signature}`"),
            message: error.to_string(),
        },
        error => Error::Bug {
            message: format!("`{signature}`: {error}"),
        },
    }
}

/// `dot<f64>(&[f64], &[f64]) -> f64`.
pub(super) fn signature_text(name: &str, function: &Function, type_args: &[ScalarTy]) -> String {
    let params: Vec<_> = function
        .params
        .iter()
        .map(|&param| type_text(&function.locals[param].ty))
        .collect();
    let mut text = format!(
        "{}{}({})",
        name,
        type_args_text(type_args),
        params.join(", ")
    );
    if function.result != Ty::Unit {
        text += &format!(" -> {}", type_text(&function.result));
    }
    text
}

pub(super) fn type_args_text(type_args: &[ScalarTy]) -> String {
    if type_args.is_empty() {
        return String::new();
    }
    let names: Vec<_> = type_args.iter().map(|ty| ty.name()).collect();
    format!("<{}>", names.join(", "))
}

/// The type as Rust writes it. Specialized functions have no parameters left.
pub(super) fn type_text(ty: &Ty) -> String {
    match ty {
        Ty::Unit => "()".to_owned(),
        Ty::Scalar(scalar) => scalar.name().to_owned(),
        Ty::Param(index) => format!("T{index}"),
        Ty::Tuple(elems) => {
            let elems: Vec<_> = elems.iter().map(type_text).collect();
            match elems.as_slice() {
                [only] => format!("({only},)"),
                several => format!("({})", several.join(", ")),
            }
        }
        Ty::Array { elem, len } => format!("[{}; {len}]", type_text(elem)),
        Ty::Struct(info) => info.name.clone(),
        Ty::Ref { to, mutable } => {
            let mutable = if *mutable { "mut " } else { "" };
            format!("&{mutable}{}", type_text(to))
        }
        Ty::Slice { elem, mutable } => {
            let mutable = if *mutable { "mut " } else { "" };
            format!("&{mutable}[{}]", type_text(elem))
        }
    }
}
