//! `ui`.

use myrhiza_kernel_api::host::{HostStop, HostTrap, InteractionHost};
use myrhiza_kernel_api::limits::HOST_WRITE_BYTES;
use myrhiza_kernel_api::ui::{self, NODE_BYTES, STRING_BYTES};
use wasmtime::component::{ComponentType, Lift, Linker, WasmList, WasmStr};
use wasmtime::{AsContextMut, Result, StoreContextMut};

use super::interface;
use crate::slot::{Cx, Slot, host, value};

pub(super) type Host = dyn InteractionHost;

pub(super) fn define(linker: &mut Linker<Slot<Host>>) -> Result<()> {
    let mut ui = interface(linker, "ui")?;
    ui.func_wrap("viewer", |cx: Cx<'_, Host>, (): ()| {
        value(cx, |h, _| Ok(h.viewer()?.0.to_vec()))
    })?;
    ui.func_wrap("show", |mut cx: Cx<'_, Host>, (nodes,): (WasmList<Node>,)| {
        let view = Lifting::new(cx.as_context_mut()).view(&nodes)?;
        host(cx, |h, _| h.show(view))
    })
}

/// Reads a view, or a few texts, out of the guest's memory.
///
/// Lists and strings can overlap there, so what they hold can be far larger than the memory it is in:
/// everything is counted before it is copied, in the units of [`ui::View::size`].
pub(super) struct Lifting<'a> {
    cx: StoreContextMut<'a, Slot<Host>>,
    left: u64,
}

impl<'a> Lifting<'a> {
    pub(super) fn new(cx: StoreContextMut<'a, Slot<Host>>) -> Self {
        Self { cx, left: HOST_WRITE_BYTES }
    }

    fn view(&mut self, nodes: &WasmList<Node>) -> Result<ui::View> {
        let nodes = self.list(nodes, |lifting, node| {
            lifting.spend(NODE_BYTES)?;
            Ok(ui::Node { depth: node.depth, content: lifting.content(&node.content)? })
        })?;
        Ok(ui::View { nodes })
    }

    fn content(&mut self, content: &Content) -> Result<ui::Content> {
        Ok(match content {
            Content::Panel(title) => ui::Content::Panel(self.string(title)?),
            Content::List(numbered) => ui::Content::List(*numbered),
            Content::Message(text) => ui::Content::Message(self.text(text)?),
            Content::Form(action) => ui::Content::Form(self.action(action)?),
            Content::Menu(title) => ui::Content::Menu(self.string(title)?),
            Content::Button(action) => ui::Content::Button(self.action(action)?),
            Content::Input(input) => ui::Content::Input(ui::Input {
                label: self.string(&input.label)?,
                value: self.string(&input.value)?,
                choices: self.strings(&input.choices)?,
            }),
            Content::Dialog(title) => ui::Content::Dialog(self.string(title)?),
            Content::Text(text) => ui::Content::Text(self.text(text)?),
            Content::Table(table) => ui::Content::Table(ui::Table {
                columns: self.strings(&table.columns)?,
                rows: self.list(&table.rows, |lifting, row| {
                    lifting.spend(STRING_BYTES)?;
                    lifting.strings(&row)
                })?,
            }),
        })
    }

    fn text(&mut self, styled: &Styled) -> Result<ui::Text> {
        let tone = match styled.tone {
            Tone::Plain => ui::Tone::Plain,
            Tone::Strong => ui::Tone::Strong,
            Tone::Muted => ui::Tone::Muted,
            Tone::Good => ui::Tone::Good,
            Tone::Warning => ui::Tone::Warning,
            Tone::Bad => ui::Tone::Bad,
        };
        Ok(ui::Text { tone, text: self.string(&styled.text)? })
    }

    fn action(&mut self, action: &Action) -> Result<ui::Action> {
        Ok(ui::Action {
            label: self.string(&action.label)?,
            intent: self.strings(&action.intent)?,
            enabled: action.enabled,
        })
    }

    pub(super) fn strings(&mut self, list: &WasmList<WasmStr>) -> Result<Vec<String>> {
        self.list(list, |lifting, string| lifting.string(&string))
    }

    pub(super) fn string(&mut self, string: &WasmStr) -> Result<String> {
        self.spend(STRING_BYTES)?;
        let text = string.to_str(&self.cx)?;
        let bytes = text.len() as u64;
        self.left = self.left.checked_sub(bytes).ok_or(TOO_LONG)?;
        Ok(text.into_owned())
    }

    fn list<T: Lift, R>(
        &mut self,
        list: &WasmList<T>,
        mut lift: impl FnMut(&mut Self, T) -> Result<R>,
    ) -> Result<Vec<R>> {
        let mut lifted = Vec::new();
        for index in 0..list.len() {
            if let Some(element) = list.get(&mut self.cx, index) {
                lifted.push(lift(self, element?)?);
            }
        }
        Ok(lifted)
    }

    fn spend(&mut self, bytes: u64) -> Result<()> {
        self.left = self.left.checked_sub(bytes).ok_or(TOO_LONG)?;
        Ok(())
    }
}

const TOO_LONG: HostStop = HostStop::Trap(HostTrap::WriteBytes);

#[derive(ComponentType, Lift)]
#[component(record)]
struct Node {
    depth: u32,
    content: Content,
}

#[derive(ComponentType, Lift)]
#[component(variant)]
enum Content {
    #[component(name = "panel")]
    Panel(WasmStr),
    #[component(name = "list")]
    List(bool),
    #[component(name = "message")]
    Message(Styled),
    #[component(name = "form")]
    Form(Action),
    #[component(name = "menu")]
    Menu(WasmStr),
    #[component(name = "button")]
    Button(Action),
    #[component(name = "input")]
    Input(Input),
    #[component(name = "dialog")]
    Dialog(WasmStr),
    #[component(name = "text")]
    Text(Styled),
    #[component(name = "table")]
    Table(Table),
}

#[derive(Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "lifting makes them")]
enum Tone {
    #[component(name = "plain")]
    Plain,
    #[component(name = "strong")]
    Strong,
    #[component(name = "muted")]
    Muted,
    #[component(name = "good")]
    Good,
    #[component(name = "warning")]
    Warning,
    #[component(name = "bad")]
    Bad,
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct Styled {
    tone: Tone,
    text: WasmStr,
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct Action {
    label: WasmStr,
    intent: WasmList<WasmStr>,
    enabled: bool,
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct Input {
    label: WasmStr,
    value: WasmStr,
    choices: WasmList<WasmStr>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct Table {
    columns: WasmList<WasmStr>,
    rows: WasmList<WasmList<WasmStr>>,
}
