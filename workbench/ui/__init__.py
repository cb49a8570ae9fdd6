"""The screen: app, panes, widgets, messages and routes. The only room that imports textual."""
