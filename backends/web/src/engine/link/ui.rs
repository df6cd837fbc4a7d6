//! `ui`.

use myrhiza_kernel_api::host::{HostStop, HostTrap, InteractionHost};
use myrhiza_kernel_api::limits::HOST_WRITE_BYTES;
use myrhiza_kernel_api::ui::{Action, Content, Input, Node, Table, Text, Tone, View};
use myrhiza_kernel_api::ui::{NODE_BYTES, STRING_BYTES};

use super::super::frame::{Import, word};
use super::super::guest::{Guest, LIST, Layout, word as word_at};
use super::super::stop::{Ends, Stop};
use crate::world::Function;

pub(super) type Host = dyn InteractionHost;

pub(super) fn import(function: Function) -> Option<Import<Host>> {
    Some(match function {
        Function::UiViewer => word::<Host>(|frame, [area, ..]| {
            let viewer = frame.host(|h| h.viewer())?;
            frame.give(area, &viewer.0)
        }),
        Function::UiShow => word::<Host>(|frame, [at, len, ..]| {
            let view = Lifting::new(frame.guest).view(at, len)?;
            frame.host(|h| h.show(view))?;
            Ok(0)
        }),
        _ => return None,
    })
}

/// A depth, a discriminant and the largest content.
const NODE: Layout = Layout { size: NODE_SIZE as u32, align: 4 };
const NODE_SIZE: usize = 32;
/// Where the content's discriminant and the content itself lie in a node.
const KIND: usize = 4;
const CONTENT: usize = 8;

/// A list or string whose place was checked.
#[derive(Clone, Copy)]
struct Span {
    at: u32,
    len: u32,
}

/// Content as it lies in memory: the places of lists and strings are checked, and nothing is copied.
enum Lifted {
    Panel(Span),
    List(bool),
    Message(Styled),
    Form(Acting),
    Menu(Span),
    Button(Acting),
    Input { label: Span, value: Span, choices: Span },
    Dialog(Span),
    Text(Styled),
    Table { columns: Span, rows: Span },
}

struct Styled {
    tone: Tone,
    text: Span,
}

struct Acting {
    label: Span,
    intent: Span,
    enabled: bool,
}

/// Reads a view, or a few texts, out of the guest's memory.
///
/// Lists and strings can overlap there, so what they hold can be far larger than the memory it is in:
/// everything is counted before it is kept, in the units of [`View::size`].
pub(super) struct Lifting<'a> {
    guest: &'a Guest,
    left: u64,
}

impl<'a> Lifting<'a> {
    pub(super) fn new(guest: &'a Guest) -> Self {
        Self { guest, left: HOST_WRITE_BYTES }
    }

    /// A string that is passed by itself.
    pub(super) fn string_at(&mut self, at: u32, len: u32) -> Ends<String> {
        self.guest.list(at, len, Layout { size: 1, align: 1 })?;
        self.string(Span { at, len })
    }

    /// A list of strings that is.
    pub(super) fn strings_at(&mut self, at: u32, len: u32) -> Ends<Vec<String>> {
        self.guest.list(at, len, LIST)?;
        self.strings(Span { at, len })
    }

    fn view(&mut self, at: u32, len: u32) -> Ends<View> {
        self.guest.list(at, len, NODE)?;
        let mut nodes = Vec::new();
        for index in 0..len {
            let node = self.guest.load::<NODE_SIZE>(at + index * NODE.size)?;
            let lifted = self.lift(&node)?;
            self.spend(NODE_BYTES)?;
            nodes.push(Node { depth: word_at(&node, 0), content: self.content(&lifted)? });
        }
        Ok(View { nodes })
    }

    fn lift(&self, node: &[u8; NODE_SIZE]) -> Ends<Lifted> {
        let string = |at| self.span(node, CONTENT + at, Layout { size: 1, align: 1 });
        let list = |at| self.span(node, CONTENT + at, LIST);
        let styled = || Ok(Styled { tone: tone(node[CONTENT])?, text: string(4)? });
        let acting = || {
            let enabled = node[CONTENT + 16] != 0;
            Ok(Acting { label: string(0)?, intent: list(8)?, enabled })
        };
        Ok(match node[KIND] {
            0 => Lifted::Panel(string(0)?),
            1 => Lifted::List(node[CONTENT] != 0),
            2 => Lifted::Message(styled()?),
            3 => Lifted::Form(acting()?),
            4 => Lifted::Menu(string(0)?),
            5 => Lifted::Button(acting()?),
            6 => Lifted::Input { label: string(0)?, value: string(8)?, choices: list(16)? },
            7 => Lifted::Dialog(string(0)?),
            8 => Lifted::Text(styled()?),
            9 => Lifted::Table { columns: list(0)?, rows: list(8)? },
            _ => return Err(Stop::Breach),
        })
    }

    fn content(&mut self, lifted: &Lifted) -> Ends<Content> {
        Ok(match lifted {
            Lifted::Panel(title) => Content::Panel(self.string(*title)?),
            Lifted::List(numbered) => Content::List(*numbered),
            Lifted::Message(styled) => Content::Message(self.text(styled)?),
            Lifted::Form(acting) => Content::Form(self.action(acting)?),
            Lifted::Menu(title) => Content::Menu(self.string(*title)?),
            Lifted::Button(acting) => Content::Button(self.action(acting)?),
            Lifted::Input { label, value, choices } => Content::Input(Input {
                label: self.string(*label)?,
                value: self.string(*value)?,
                choices: self.strings(*choices)?,
            }),
            Lifted::Dialog(title) => Content::Dialog(self.string(*title)?),
            Lifted::Text(styled) => Content::Text(self.text(styled)?),
            Lifted::Table { columns, rows } => Content::Table(Table {
                columns: self.strings(*columns)?,
                rows: self.list(*rows, LIST, |lifting, row| {
                    lifting.spend(STRING_BYTES)?;
                    lifting.strings(row)
                })?,
            }),
        })
    }

    fn text(&mut self, styled: &Styled) -> Ends<Text> {
        Ok(Text { tone: styled.tone, text: self.string(styled.text)? })
    }

    fn action(&mut self, acting: &Acting) -> Ends<Action> {
        Ok(Action {
            label: self.string(acting.label)?,
            intent: self.strings(acting.intent)?,
            enabled: acting.enabled,
        })
    }

    fn strings(&mut self, list: Span) -> Ends<Vec<String>> {
        self.list(list, Layout { size: 1, align: 1 }, |lifting, string| lifting.string(string))
    }

    fn string(&mut self, string: Span) -> Ends<String> {
        self.spend(STRING_BYTES)?;
        let bytes = self.guest.bytes(string.at, string.len)?;
        let text = String::from_utf8(bytes).map_err(|_| Stop::Breach)?;
        self.spend(string.len.into())?;
        Ok(text)
    }

    /// A list of lists or strings, whose elements are laid out as said.
    fn list<R>(
        &mut self,
        list: Span,
        element: Layout,
        mut lift: impl FnMut(&mut Self, Span) -> Ends<R>,
    ) -> Ends<Vec<R>> {
        let mut lifted = Vec::new();
        for index in 0..list.len {
            let bytes = self.guest.load::<8>(list.at + index * LIST.size)?;
            let span = self.span(&bytes, 0, element)?;
            lifted.push(lift(self, span)?);
        }
        Ok(lifted)
    }

    /// A list or string of elements of that layout.
    fn span(&self, bytes: &[u8], at: usize, element: Layout) -> Ends<Span> {
        let span = Span { at: word_at(bytes, at), len: word_at(bytes, at + 4) };
        self.guest.list(span.at, span.len, element)?;
        Ok(span)
    }

    fn spend(&mut self, bytes: u64) -> Ends<()> {
        let stop = Stop::Host(HostStop::Trap(HostTrap::WriteBytes));
        self.left = self.left.checked_sub(bytes).ok_or(stop)?;
        Ok(())
    }
}

fn tone(number: u8) -> Ends<Tone> {
    Ok(match number {
        0 => Tone::Plain,
        1 => Tone::Strong,
        2 => Tone::Muted,
        3 => Tone::Good,
        4 => Tone::Warning,
        5 => Tone::Bad,
        _ => return Err(Stop::Breach),
    })
}
