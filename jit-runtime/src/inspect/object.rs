//! The code of an object file as text, without a program that it belongs to.

use std::cell::RefCell;

use super::disassemble::disassemble_lines;
use super::lines::Lines;
use crate::object::{LoadError, load_object};

/// The instructions of an object file. It is loaded, so that addresses are those of loaded code, but nothing of it runs; what it calls outside has its
/// name and no code. `lines` are shown between them.
///
/// # Errors
///
/// If the bytes are no object for this machine.
pub fn disassemble_object(bytes: &[u8], lines: Option<&Lines>) -> Result<String, LoadError> {
    let callees = RefCell::new(Vec::<String>::new());
    let object = load_object(bytes, &|name| {
        let mut callees = callees.borrow_mut();
        let number = match callees.iter().position(|known| known == name) {
            Some(number) => number,
            None => {
                callees.push(name.to_owned());
                callees.len() - 1
            }
        };
        Some(std::ptr::without_provenance(placeholder(number)))
    })?;
    let callees = callees.into_inner();
    let code = object.code();
    let name_of = |address: u64| {
        let symbol = object.symbols().find(|(_, at)| *at == address);
        let name = symbol.map(|(name, _)| name.to_owned());
        name.or_else(|| {
            let callee = (callees.iter().enumerate())
                .find(|(number, _)| placeholder(*number) as u64 == address);
            callee.map(|(_, name)| name.clone())
        })
    };
    let line_of = |offset| lines?.line_of(offset);
    Ok(disassemble_lines(
        code.bytes,
        code.address,
        &name_of,
        &line_of,
    ))
}

/// An address that stands for a function: in the first page, which has no code.
const fn placeholder(number: usize) -> usize {
    16 + number
}
