//! Text for people: tables, colours on a terminal alone.

use std::io::{self, IsTerminal};

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, Width};

/// Where the tables go: a terminal, perhaps with colours, or a file.
pub(crate) struct Screen {
    is_terminal: bool,
    is_coloured: bool,
}

/// The width of the column of names.
const NAMES: u16 = 20;
/// The width of a terminal that does not say how wide it is.
const UNKNOWN_WIDTH: u16 = 80;
/// On a narrower terminal lines break, which reads better than a letter a line.
const LEAST_WIDTH: u16 = 50;

impl Screen {
    pub(crate) fn new() -> Self {
        let is_terminal = io::stdout().is_terminal();
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Screen {
            is_terminal,
            is_coloured: is_terminal && !is_set("NO_COLOR") && !is_dumb,
        }
    }

    pub(crate) fn title(&self, text: &str) -> String {
        if self.is_coloured {
            format!("\x1b[1m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn cell(&self, text: impl Into<String>, color: Color) -> Cell {
        let cell = Cell::new(text.into());
        if self.is_coloured {
            cell.fg(color)
        } else {
            cell
        }
    }

    pub(crate) fn quiet(&self, text: impl Into<String>) -> Cell {
        let cell = Cell::new(text.into());
        if self.is_coloured {
            cell.add_attribute(Attribute::Dim)
        } else {
            cell
        }
    }

    /// A table that fits the terminal; in a file every row is one line, so that it can be searched.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(NOTHING);
        if self.is_terminal {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        } else {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        if !self.is_coloured {
            table.force_no_tty();
        }
        if self.is_terminal {
            // `force_no_tty` also stops the table from asking how wide the terminal is; some terminals say that they have no width at all.
            let width = Table::new().width().filter(|width| *width > 0);
            table.set_width(width.unwrap_or(UNKNOWN_WIDTH).max(LEAST_WIDTH));
        }
        table
    }

    /// Rows of a name and a value.
    pub(crate) fn pairs(&self, rows: Vec<(&str, Cell)>) -> Table {
        let mut table = self.table();
        for (name, value) in rows {
            table.add_row(vec![self.name(name), value]);
        }
        align(table)
    }

    pub(crate) fn name(&self, name: &str) -> Cell {
        self.cell(name, Color::Cyan)
    }
}

/// Gives the names of all tables the same width.
pub(crate) fn align(mut table: Table) -> Table {
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::Absolute(Width::Fixed(NAMES)));
    }
    table
}
