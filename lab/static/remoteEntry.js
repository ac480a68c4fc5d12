/* A page of JupyterLab that is loaded again forgets which cell was running: what that cell goes on to show is thrown
   away by the page, though the kernel sends it. Here the page remembers, in the browser's own storage, to which cell
   each message of the kernel belongs, and gives the cell what it makes after the page is back.

   It is plain JavaScript in the form in which JupyterLab loads extensions that are built already; there is nothing to
   build. pyproject.toml installs it into share/jupyter/labextensions. */

(() => {
  const NAME = 'neural-style-transfer-course';

  /** Which cells a kernel has been asked to run, {message id: {cell, count}}, until it is idle again. */
  class Asked {
    constructor(kernel) {
      this.key = `${NAME}:${kernel}`;
    }
    all() {
      return JSON.parse(localStorage.getItem(this.key) || '{}');
    }
    change(id, entry) {
      const all = this.all();
      if (entry === null) {
        delete all[id];
      } else {
        all[id] = { ...all[id], ...entry };
      }
      if (Object.keys(all).length) {
        localStorage.setItem(this.key, JSON.stringify(all));
      } else {
        localStorage.removeItem(this.key);
      }
    }
  }

  /** A notebook on the page, for as long as its kernel is this one. */
  function follow(panel, kernel) {
    const asked = new Asked(kernel.id);
    const before = asked.all(); // what an earlier page has asked for
    const resumed = new Map(); // message id -> what stands in for the request of that page

    const changed = (_, { msg, direction }) => {
      if (direction === 'send') {
        if (msg.header.msg_type === 'execute_request' && msg.metadata.cellId) {
          asked.change(msg.header.msg_id, { cell: msg.metadata.cellId });
        }
        return;
      }
      const id = msg.parent_header && msg.parent_header.msg_id;
      if (msg.channel !== 'iopub' || !id) {
        return;
      }
      if (msg.header.msg_type === 'execute_input' && asked.all()[id]) {
        asked.change(id, { count: msg.content.execution_count });
      }
      if (before[id]) {
        if (!resumed.has(id)) {
          resumed.set(id, resume(panel, before[id]));
        }
        resumed.get(id)(msg);
      }
      if (msg.header.msg_type === 'status' && msg.content.execution_state === 'idle') {
        asked.change(id, null);
      }
    };
    kernel.anyMessage.connect(changed);
    kernel.disposed.connect(() => kernel.anyMessage.disconnect(changed));
  }

  /** A function that gives the cell of an earlier page's request one message after another. */
  function resume(panel, { cell: wanted, count }) {
    const cell = panel.content.widgets.find(widget => widget.model.id === wanted);
    if (!cell || !cell.outputArea) {
      return () => {};
    }
    let done;
    const request = {
      done: new Promise(resolve => (done = resolve)),
      dispose: () => {},
      registerMessageHook: () => {},
      removeMessageHook: () => {}
    };
    cell.model.trusted = true;
    cell.outputArea.future = request; // which clears what an earlier page has left
    cell.model.executionState = 'running';
    const shown = new Set();

    return msg => {
      const { msg_type: type } = msg.header;
      if (type === 'execute_input') {
        count = msg.content.execution_count;
      }
      if (type === 'status' && msg.content.execution_state === 'idle') {
        cell.model.executionCount = count ?? null;
        cell.model.executionState = 'idle';
        done({ content: { status: 'ok' } });
        return;
      }
      // What changes in place was shown first on the earlier page, and this one has no place for it yet.
      const place = msg.content.transient && msg.content.transient.display_id;
      const first = type === 'update_display_data' && !shown.has(place);
      if (place) {
        shown.add(place);
      }
      request.onIOPub(first ? { ...msg, header: { ...msg.header, msg_type: 'display_data' } } : msg);
    };
  }

  const plugin = {
    id: `${NAME}:resume`,
    description: 'Shows in a cell what it goes on to make after its page was loaded again.',
    autoStart: true,
    activate: app => {
      const seen = new WeakSet();
      const look = () => {
        for (const panel of app.shell.widgets('main')) {
          if (panel.sessionContext && panel.content && panel.content.widgets && !seen.has(panel)) {
            seen.add(panel);
            const kernelChanged = (_, { newValue }) => newValue && follow(panel, newValue);
            panel.sessionContext.kernelChanged.connect(kernelChanged);
            const { session } = panel.sessionContext;
            if (session && session.kernel) {
              follow(panel, session.kernel);
            }
          }
        }
      };
      for (const signal of [app.shell.layoutModified, app.shell.currentChanged]) {
        if (signal) {
          signal.connect(look);
        }
      }
      app.restored.then(look);
    }
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: () => {},
    get: async () => () => plugin
  };
})();
