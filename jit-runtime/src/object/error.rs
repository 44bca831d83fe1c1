//! Why object bytes could not be loaded.

/// Why an object could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The bytes are not a well-formed ELF object.
    #[error("malformed object: {0}")]
    Malformed(String),
    /// The object holds something that the loader does not know, as for instance thread-local variables.
    #[error("cannot load the object: {0}")]
    Unsupported(String),
    /// The object is for another machine; the number is ELF's `e_machine`.
    #[error("the object holds code for another machine (ELF machine {0})")]
    Machine(u16),
    /// The object's sections would need more memory than any kernel does.
    #[error("the object needs more than {0} bytes")]
    TooLarge(usize),
    /// Nothing defines a symbol that the code refers to.
    #[error("unknown symbol `{0}`")]
    UnknownSymbol(String),
    /// A relocation of a type that the loader does not apply.
    #[error("unknown relocation type {r_type} on {machine}, against `{symbol}`")]
    UnknownRelocation {
        /// The number of the type.
        r_type: u32,
        /// The machine it belongs to.
        machine: &'static str,
        /// The symbol it refers to.
        symbol: String,
    },
    /// A relocation's value does not fit its field, or is not a multiple of what it must be.
    #[error("relocation type {r_type} against `{symbol}` cannot be applied: {reason}")]
    Relocation {
        /// The number of the type.
        r_type: u32,
        /// The symbol it refers to.
        symbol: String,
        /// What is wrong.
        reason: RelocateError,
    },
    /// The system did not give or protect memory.
    #[error("cannot get executable memory: {0}")]
    Memory(#[from] std::io::Error),
}

impl From<object::read::Error> for LoadError {
    fn from(error: object::read::Error) -> LoadError {
        LoadError::Malformed(error.to_string())
    }
}

/// Why one relocation cannot be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RelocateError {
    /// The type is not one that is known.
    #[error("its type is unknown")]
    Unknown,
    /// The value does not fit its field.
    #[error("the target is out of reach")]
    Overflow,
    /// The value must be a multiple of the size of the access, and is not.
    #[error("the target is misaligned")]
    Misaligned,
    /// The field is not inside the section.
    #[error("it lies outside its section")]
    OutOfSection,
}
